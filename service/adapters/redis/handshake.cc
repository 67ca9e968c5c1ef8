#include "service/adapters/redis/handshake.h"

#include <hiredis/hiredis.h>

#include <chrono>
#include <utility>

#include "service/adapters/redis/cluster_slots.h"
#include "service/adapters/redis/failures.h"
#include "service/adapters/redis/reply_codec.h"
#include "service/adapters/redis/resp_writer.h"
#include "service/adapters/redis/scripts.h"

namespace kulanz::redis {
namespace {

Status Refused(std::string message) {
  return Status(Code::kUnavailable, "STORE_REFUSED", std::move(message));
}

}  // namespace

Handshake::Handshake(const RedisOptions& options, Credentials credentials,
                     std::optional<HandshakeScope> scope, Send send, Done done)
    : options_(options),
      credentials_(std::move(credentials)),
      scope_(std::move(scope)),
      send_(std::move(send)),
      done_(std::move(done)) {}

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
  if (scope_) {
    server_.genesis = scope_->genesis;
    // The node has answered all of the above before the last of these.
    return VerifyPartitions(scope_->partitions);
  }
  send_(RespCommand({"GET", GenesisKey({0})}),
        [this](const redisReply& reply) { OnFirstGenesis(reply); });
}

void Handshake::Login() {
  if (const std::optional<std::string> auth = credentials_.AuthCommand()) {
    send_(*auth, [this](const redisReply& reply) {
      // Not the server's own words: they may repeat what was sent.
      if (IsError(reply)) {
        Finish(Refused("Redis does not accept user and password"));
      }
    });
  }
  if (options_.address.database != 0) {
    send_(RespCommand({"SELECT", std::to_string(options_.address.database)}),
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
    return Finish(NoFirstGenesis(IsNil(reply)));
  }
  server_.genesis = record->genesis;
  std::vector<ports::PartitionId> all;
  for (std::uint32_t number = 0; number < server_.genesis.partition_count; ++number) {
    all.push_back({static_cast<std::uint16_t>(number)});
  }
  VerifyPartitions(all);
}

void Handshake::VerifyPartitions(const std::vector<ports::PartitionId>& partitions) {
  if (finished_) {
    return;
  }
  server_.sequences.resize(server_.genesis.partition_count);
  genesis_records_left_ = partitions.size();
  for (const ports::PartitionId partition : partitions) {
    send_(RespCommand({"GET", GenesisKey(partition)}),
          [this, partition](const redisReply& reply) { OnGenesis(partition, reply); });
  }
  if (partitions.empty()) {
    send_(RespCommand({"PING"}), [this](const redisReply&) { Finish(std::move(server_)); });
  }
}

void Handshake::OnGenesis(ports::PartitionId partition, const redisReply& reply) {
  const bool is_elsewhere = scope_ && IsError(reply) && ParseRedirection(TextOf(reply), {});
  if (IsError(reply) && !is_elsewhere) {
    return Finish(ErrorStatus(TextOf(reply)));
  }
  const std::string_view value = TextOf(reply);
  const std::optional<GenesisRecord> record = ParseGenesisRecord(value);
  if (is_elsewhere) {
    // Its owner verifies it, and every call does.
  } else if (!record || record->genesis != server_.genesis || record->partition != partition) {
    return Finish(NoGenesis({server_.genesis, partition},
                            IsNil(reply) ? std::nullopt : std::optional(value)));
  } else {
    server_.sequences[partition.number] = record->sequence;
  }
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
