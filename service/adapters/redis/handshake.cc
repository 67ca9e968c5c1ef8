#include "service/adapters/redis/handshake.h"

#include <hiredis/hiredis.h>

#include <chrono>
#include <utility>

#include "service/adapters/redis/failures.h"
#include "service/adapters/redis/reply_codec.h"
#include "service/adapters/redis/resp_writer.h"
#include "service/adapters/redis/scripts.h"

namespace kulanz::redis {
namespace {

// The value of "name:value" in the text that INFO answers with; empty when it is not there.
std::string_view InfoField(std::string_view info, std::string_view name) {
  for (std::size_t at = info.find(name); at != std::string_view::npos;
       at = info.find(name, at + 1)) {
    const std::size_t value = at + name.size();
    if ((at == 0 || info[at - 1] == '\n') && value < info.size() && info[value] == ':') {
      return info.substr(value + 1, info.find('\r', value) - value - 1);
    }
  }
  return {};
}

Status Refused(std::string message) {
  return Status(Code::kUnavailable, "STORE_REFUSED", std::move(message));
}

}  // namespace

Handshake::Handshake(const RedisOptions& options, Send send, Done done)
    : options_(options), send_(std::move(send)), done_(std::move(done)) {}

void Handshake::Start() {
  Login();
  send_(RespCommand({"INFO"}), [this](const redisReply& reply) { OnInfo(reply); });
  send_(RespCommand({"TIME"}), [this](const redisReply& reply) { OnTime(reply); });
  for (const Script* script : {&kTransactionScript, &kIndexScript}) {
    send_(RespCommand({"SCRIPT", "LOAD", script->text}), [this, script](const redisReply& reply) {
      if (IsError(reply)) {
        Finish(ErrorStatus(TextOf(reply)));
      } else if (TextOf(reply) != script->sha1) {
        Finish(BrokenReply("another SHA-1 for a script"));
      }
    });
  }
  send_(RespCommand({"GET", GenesisKey({0})}),
        [this](const redisReply& reply) { OnFirstGenesis(reply); });
}

void Handshake::Login() {
  const RedisAddress& address = options_.address;
  if (!address.password.empty()) {
    const auto on_reply = [this](const redisReply& reply) {
      // Not the server's own words: they may repeat what was sent.
      if (IsError(reply)) {
        Finish(Refused("Redis does not accept user and password"));
      }
    };
    if (address.user.empty()) {
      send_(RespCommand({"AUTH", address.password}), on_reply);
    } else {
      send_(RespCommand({"AUTH", address.user, address.password}), on_reply);
    }
  }
  if (address.database != 0) {
    send_(RespCommand({"SELECT", std::to_string(address.database)}),
          [this](const redisReply& reply) {
            if (IsError(reply)) {
              Finish(Refused("Redis has no database " + std::to_string(options_.address.database)));
            }
          });
  }
  send_(RespCommand({"CLIENT", "SETNAME", "kulanz"}), [](const redisReply&) {});
}

void Handshake::OnInfo(const redisReply& reply) {
  if (IsError(reply)) {
    return Finish(ErrorStatus(TextOf(reply)));
  }
  const std::string_view info = TextOf(reply);
  server_.version = InfoField(info, "redis_version");
  if (InfoField(info, "loading") == "1") {
    return Finish(ErrorStatus("LOADING"));
  }
  if (InfoField(info, "role") != "master") {
    return Finish(ErrorStatus("READONLY"));
  }
  Require(options_.noeviction, InfoField(info, "maxmemory_policy") == "noeviction",
          "Redis may evict records: set maxmemory-policy noeviction");
  Require(options_.append_only, InfoField(info, "aof_enabled") == "1",
          "Redis forgets everything with its process: set appendonly yes");
}

void Handshake::Require(Requirement requirement, bool holds, const std::string& what) {
  if (holds) {
    return;
  }
  if (requirement == Requirement::kRequire) {
    Finish(Refused(what));
  } else {
    server_.warnings.push_back(what);
  }
}

void Handshake::OnTime(const redisReply& reply) {
  if (IsError(reply)) {
    return Finish(ErrorStatus(TextOf(reply)));
  }
  const std::optional<Instant> time = DecodeTime(reply);
  if (!time) {
    return Finish(BrokenReply("a time of another form"));
  }
  server_.time = *time;
  server_.time_received = std::chrono::steady_clock::now();
}

void Handshake::OnFirstGenesis(const redisReply& reply) {
  if (IsError(reply)) {
    return Finish(ErrorStatus(TextOf(reply)));
  }
  const std::optional<GenesisRecord> record = ParseGenesisRecord(TextOf(reply));
  if (!record) {
    return Finish(Status(
        Code::kFailedPrecondition, "NO_GENESIS",
        IsNil(reply) ? "the database has no genesis record: it was never initialised, it was "
                       "emptied, or it is not the one that was meant"
                     : "the database has something else as its genesis record"));
  }
  server_.genesis = record->genesis;
  VerifyPartitions();
}

void Handshake::VerifyPartitions() {
  if (finished_) {
    return;
  }
  const auto count = static_cast<std::uint16_t>(server_.genesis.partition_count);
  server_.sequences.resize(count);
  genesis_records_left_ = count;
  for (std::uint16_t number = 0; number < count; ++number) {
    const ports::PartitionId partition{number};
    send_(RespCommand({"GET", GenesisKey(partition)}),
          [this, partition](const redisReply& reply) { OnGenesis(partition, reply); });
  }
}

void Handshake::OnGenesis(ports::PartitionId partition, const redisReply& reply) {
  if (IsError(reply)) {
    return Finish(ErrorStatus(TextOf(reply)));
  }
  const std::string_view value = TextOf(reply);
  const std::optional<GenesisRecord> record = ParseGenesisRecord(value);
  if (!record || record->genesis != server_.genesis || record->partition != partition) {
    return Finish(NoGenesis({server_.genesis, partition},
                            IsNil(reply) ? std::nullopt : std::optional(value)));
  }
  server_.sequences[partition.number] = record->sequence;
  if (--genesis_records_left_ == 0) {
    Finish(std::move(server_));
  }
}

void Handshake::Finish(Result<VerifiedServer> result) {
  if (!std::exchange(finished_, true)) {
    done_(std::move(result));
  }
}

}  // namespace kulanz::redis
