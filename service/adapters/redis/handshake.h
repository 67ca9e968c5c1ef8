// Handshake: what a fresh connection finds out before any call may use it.
//
// Logs in, makes sure that this is a master that keeps what it is given, loads the scripts, reads the
// clock, and verifies the genesis record of every partition. Commands go out in two batches: the
// questions to the server, and then, knowing the number of partitions, the genesis records. A node of a
// cluster is asked only for those that it should have, and one that it does not have (they move) is left
// to be verified with each call.
//
// Thread-safety: none; used on one loop. Ownership: the connection owns it and destroys it at the latest
// when the connection closes; `send` and `done` are not called after that.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "service/adapters/redis/credentials.h"
#include "service/adapters/redis/key_codec.h"
#include "service/adapters/redis/options.h"
#include "service/domain/time.h"

struct redisReply;

namespace kulanz::redis {

// A connection that may be used.
struct VerifiedServer {
  Genesis genesis;
  std::vector<std::optional<std::uint64_t>> sequences;  // by partition; nothing: not on this server
  Instant time{};
  Deadline time_received{};
  std::vector<std::string> warnings;  // requirements that the operator has waived
  std::string version;
};

// What is on a node of a cluster.
struct HandshakeScope {
  Genesis genesis;
  std::vector<ports::PartitionId> partitions;
};

class Handshake {
 public:
  using ReplyHandler = std::function<void(const redisReply&)>;
  using Send = std::function<void(std::string command, ReplyHandler on_reply)>;
  // Called once, with the failure of whichever step failed first. After that nothing is sent.
  using Done = std::function<void(Result<VerifiedServer>)>;

  // Without `scope`: a server that has everything.
  Handshake(const RedisOptions& options, Credentials credentials,
            std::optional<HandshakeScope> scope, Send send, Done done);
  void Start();

 private:
  void Login();
  void OnInfo(const redisReply& reply);
  void OnTime(const redisReply& reply);
  void OnFirstGenesis(const redisReply& reply);
  void VerifyPartitions(const std::vector<ports::PartitionId>& partitions);
  void OnGenesis(ports::PartitionId partition, const redisReply& reply);
  void Require(Requirement requirement, bool holds, const std::string& what);
  void Finish(Result<VerifiedServer> result);

  const RedisOptions& options_;
  const Credentials credentials_;
  const std::optional<HandshakeScope> scope_;
  Send send_;
  Done done_;
  VerifiedServer server_;
  std::size_t genesis_records_left_ = 0;
  bool finished_ = false;
};

}  // namespace kulanz::redis
