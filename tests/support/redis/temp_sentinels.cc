#include "tests/support/redis/temp_sentinels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "service/adapters/redis/sentinel_client.h"
#include "tests/support/eventually.h"

namespace kulanz::testing {

TempSentinel::TempSentinel(std::uint16_t master_port, int quorum,
                           const std::vector<std::string>& lines,
                           const TestCertificates* certificates)
    : port_(FreePort()) {
  const std::string path = directory() + "/sentinel.conf";
  std::ofstream file(path);
  // As in a file: each option is named without its dashes.
  const std::vector<std::string> listens = TempRedis::OnPort(port_, certificates);
  for (std::size_t at = 0; at + 1 < listens.size(); at += 2) {
    file << listens[at].substr(2) << " " << listens[at + 1] << "\n";
  }
  file << "bind 127.0.0.1\nunixsocket " << directory() << "/s\ndir " << directory()
       << "\nsentinel monitor " << TempSentinels::kMasterName << " 127.0.0.1 " << master_port << " "
       << quorum << "\n";
  for (const std::string& line : lines) {
    file << line << "\n";
  }
  file.close();
  SetArguments({path, "--sentinel"});
  Start();
}

TempSentinels::TempSentinels(const Options& options) : certificates_(options.certificates) {
  servers_.push_back(std::make_unique<TempReplica>(0, options.redis_arguments, options.in_front,
                                                   options.certificates));
  const std::uint16_t master_port = servers_.front()->port();
  for (int replica = 0; replica < options.replicas; ++replica) {
    servers_.push_back(std::make_unique<TempReplica>(master_port, options.redis_arguments,
                                                     options.in_front, options.certificates));
  }
  const std::string name = kMasterName;
  std::vector<std::string> lines{
      "sentinel down-after-milliseconds " + name + " " + std::to_string(options.down_after_ms),
      "sentinel failover-timeout " + name + " 3000"};
  lines.insert(lines.end(), options.sentinel_lines.begin(), options.sentinel_lines.end());
  for (int sentinel = 0; sentinel < options.sentinels; ++sentinel) {
    sentinels_.push_back(std::make_unique<TempSentinel>(master_port, options.sentinels / 2 + 1,
                                                        lines, options.certificates));
  }
  for (const std::unique_ptr<TempSentinel>& sentinel : sentinels_) {
    EXPECT_TRUE(Eventually([&] {
      const redis::Reply reply = sentinel->Run({"SENTINEL", "MASTER", kMasterName});
      const auto has = [&](std::string_view field, int value) {
        for (std::size_t at = 0; at + 1 < reply.elements.size(); at += 2) {
          if (reply.elements[at].text == field) {
            return reply.elements[at + 1].text == std::to_string(value);
          }
        }
        return false;
      };
      return has("num-slaves", options.replicas) &&
             has("num-other-sentinels", options.sentinels - 1);
    })) << "the Sentinels must find each other";
  }
  // A replica that never was in step is not promoted.
  EXPECT_TRUE(Eventually([&] {
    return servers_.front()->Run({"WAIT", std::to_string(options.replicas), "100"}).integer ==
           options.replicas;
  }));
}

redis::RedisAddress TempSentinels::address() const {
  redis::RedisAddress address;
  address.topology = redis::Topology::kSentinel;
  address.master_name = kMasterName;
  for (const std::unique_ptr<TempSentinel>& sentinel : sentinels_) {
    address.seeds.push_back(sentinel->endpoint());
  }
  if (certificates_ != nullptr) {
    address.tls = true;
    address.tls_options = certificates_->ClientOptions();
  }
  return address;
}

TempReplica& TempSentinels::master() {
  for (const std::unique_ptr<TempReplica>& server : servers_) {
    if (server->is_running() && server->IsMaster()) {
      return *server;
    }
  }
  ADD_FAILURE() << "there is no master";
  return *servers_.front();
}

bool TempSentinels::AllName(std::uint16_t port) const {
  return Eventually([&] {
    return std::all_of(sentinels_.begin(), sentinels_.end(), [&](const auto& sentinel) {
      const Result<redis::Reply> reply = sentinel->TryRun({"SENTINEL", "MASTER", kMasterName});
      const auto view = reply.ok() ? redis::ParseSentinelMaster(*reply) : std::nullopt;
      return view && view->master.port == port;
    });
  });
}

}  // namespace kulanz::testing
