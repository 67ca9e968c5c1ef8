#include "service/adapters/redis/initialise.h"

#include <functional>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "service/adapters/redis/blocking_client.h"
#include "service/adapters/redis/cluster_client.h"
#include "service/adapters/redis/failures.h"
#include "service/adapters/redis/sentinel_client.h"

namespace kulanz::redis {
namespace {

constexpr std::uint64_t kFirstSequence = 0;

// What is where genesis records belong.
struct Existing {
  std::uint32_t found = 0;  // of this very store
  std::uint32_t used = 0;   // of these, with transactions behind them
  bool has_first = false;   // that of partition 0
  // All were there at some time.
  bool IsComplete() const { return has_first || used > 0; }
};

// `read` gives the value at a partition's genesis key. ALREADY_EXISTS / STORE_EXISTS when there is
// anything else.
Result<Existing> CountExisting(const std::function<Result<Reply>(ports::PartitionId)>& read,
                               const Genesis& genesis) {
  Existing existing;
  const auto partitions = static_cast<std::uint16_t>(genesis.partition_count);
  for (std::uint16_t number = 0; number < partitions; ++number) {
    const ports::PartitionId partition{number};
    KULANZ_ASSIGN_OR_RETURN(const Reply reply, read(partition));
    if (reply.is_nil) {
      continue;
    }
    const std::optional<GenesisRecord> record = ParseGenesisRecord(reply.text);
    if (!record || record->genesis != genesis || record->partition != partition) {
      return Status(Code::kAlreadyExists, "STORE_EXISTS",
                    record ? "the database is store " + record->genesis.store_id + " of " +
                                 std::to_string(record->genesis.partition_count) +
                                 " partitions; nothing was changed"
                           : std::string("the database has something else where genesis records "
                                         "belong; nothing was changed"));
    }
    ++existing.found;
    existing.used += record->sequence == kFirstSequence ? 0U : 1U;
    existing.has_first = existing.has_first || number == 0;
  }
  return existing;
}

Status Damaged(std::uint32_t missing, const Genesis& genesis) {
  return Status(Code::kFailedPrecondition, "STORE_DAMAGED",
                std::to_string(missing) + " of " + std::to_string(genesis.partition_count) +
                    " genesis records are missing: restore a backup; nothing was changed");
}

// OK when every genesis record is the expected one.
Status VerifyExisting(BlockingClient& client, const Genesis& genesis) {
  const auto read = [&](ports::PartitionId partition) {
    return client.Run({"GET", GenesisKey(partition)});
  };
  KULANZ_ASSIGN_OR_RETURN(const Existing existing, CountExisting(read, genesis));
  return existing.found == genesis.partition_count
             ? Status::Ok()
             : Damaged(genesis.partition_count - existing.found, genesis);
}

Status NotEmpty(std::int64_t keys) {
  return Status(Code::kFailedPrecondition, "STORE_NOT_EMPTY",
                "the database holds " + std::to_string(keys) +
                    " keys but no genesis record: it is not ours, or it lost its genesis; nothing "
                    "was changed");
}

std::string FirstValue(const Genesis& genesis, ports::PartitionId partition) {
  std::string value;
  AppendVersion(kFirstSequence, value);
  return value + genesis.Text(partition);
}

Status InitialiseServer(const RedisAddress& server, const InitialiseOptions& options) {
  const Genesis& genesis = options.genesis;
  KULANZ_ASSIGN_OR_RETURN(BlockingClient client, BlockingClient::Connect(server, options.timeout));
  // In this order: keys of somebody who initialises it at this moment come with all their genesis records.
  KULANZ_ASSIGN_OR_RETURN(const Reply size, client.Run({"DBSIZE"}));
  KULANZ_ASSIGN_OR_RETURN(const Reply present, client.Run({"EXISTS", GenesisKey({0})}));
  if (present.integer != 0) {
    return VerifyExisting(client, genesis);
  }
  if (size.integer != 0 && !options.allow_other_keys) {
    return NotEmpty(size.integer);
  }
  std::vector<std::string> msetnx{"MSETNX"};
  const auto partitions = static_cast<std::uint16_t>(genesis.partition_count);
  for (std::uint16_t number = 0; number < partitions; ++number) {
    msetnx.push_back(GenesisKey({number}));
    msetnx.push_back(FirstValue(genesis, {number}));
  }
  KULANZ_ASSIGN_OR_RETURN(const Reply written, client.Run(msetnx));
  // Somebody else was faster, or some records were there already.
  return written.integer == 1 ? Status::Ok() : VerifyExisting(client, genesis);
}

// The masters of a cluster, by partition.
class ClusterClients {
 public:
  static Result<ClusterClients> Connect(const InitialiseOptions& options) {
    ClusterClients clients;
    Status last;
    for (const Endpoint& seed : options.address.seeds) {
      Result<ClusterView> view = AskNode(options.address, seed, options.timeout);
      if (!view.ok()) {
        last = view.status();
        continue;
      }
      clients.slots_ = std::move(view->slots);
      for (const SlotRange& range : clients.slots_) {
        if (!clients.masters_.contains(range.master)) {
          KULANZ_ASSIGN_OR_RETURN(
              BlockingClient client,
              BlockingClient::Connect(options.address.At(range.master), options.timeout));
          clients.masters_.emplace(range.master, std::move(client));
        }
      }
      return clients;
    }
    return last;
  }
  Result<Reply> Run(ports::PartitionId partition, std::initializer_list<std::string_view> args) {
    const std::optional<Endpoint> owner = OwnerOf(slots_, SlotOf(partition));
    return owner ? masters_.at(*owner).Run(args) : Result<Reply>(ErrorStatus("CLUSTERDOWN"));
  }
  Result<std::int64_t> Size() {
    std::int64_t keys = 0;
    for (auto& [endpoint, client] : masters_) {
      KULANZ_ASSIGN_OR_RETURN(const Reply size, client.Run({"DBSIZE"}));
      keys += size.integer;
    }
    return keys;
  }

 private:
  ClusterClients() = default;
  std::vector<SlotRange> slots_;
  std::map<Endpoint, BlockingClient> masters_;
};

// No command of a cluster writes to several masters. So the record of partition 0 comes last: without it
// no store opens, and where others of this store are found without it, untouched, a run before this one
// was interrupted, or another is under way.
Status InitialiseCluster(const InitialiseOptions& options) {
  const Genesis& genesis = options.genesis;
  KULANZ_ASSIGN_OR_RETURN(ClusterClients clients, ClusterClients::Connect(options));
  const auto run = [&](ports::PartitionId partition) {
    return clients.Run(partition, {"GET", GenesisKey(partition)});
  };
  // Before the records are counted: those that another writes meanwhile make them no less.
  KULANZ_ASSIGN_OR_RETURN(const std::int64_t keys, clients.Size());
  KULANZ_ASSIGN_OR_RETURN(Existing existing, CountExisting(run, genesis));
  if (existing.found < genesis.partition_count && existing.IsComplete()) {
    // Another may have completed it during the count; then they are all there now.
    KULANZ_ASSIGN_OR_RETURN(existing, CountExisting(run, genesis));
  }
  if (existing.found == genesis.partition_count) {
    return Status::Ok();
  }
  if (existing.IsComplete()) {
    return Damaged(genesis.partition_count - existing.found, genesis);
  }
  if (keys > existing.found && !options.allow_other_keys) {
    return NotEmpty(keys);
  }
  for (std::uint32_t left = genesis.partition_count; left > 0; --left) {
    const ports::PartitionId partition{static_cast<std::uint16_t>(left - 1)};
    KULANZ_RETURN_IF_ERROR(
        clients.Run(partition, {"SET", GenesisKey(partition), FirstValue(genesis, partition), "NX"})
            .status());
  }
  KULANZ_ASSIGN_OR_RETURN(const Existing now, CountExisting(run, genesis));
  return now.found == genesis.partition_count
             ? Status::Ok()
             : Damaged(genesis.partition_count - now.found, genesis);
}

}  // namespace

Status Initialise(const InitialiseOptions& options) {
  KULANZ_RETURN_IF_ERROR(options.genesis.Validate());
  KULANZ_RETURN_IF_ERROR(options.address.Validate());
  switch (options.address.topology) {
    case Topology::kCluster:
      return InitialiseCluster(options);
    case Topology::kSentinel: {
      KULANZ_ASSIGN_OR_RETURN(const SentinelView view,
                              FindMaster(options.address, options.timeout, std::nullopt));
      return InitialiseServer(options.address.At(view.master), options);
    }
    case Topology::kStandalone:
      break;
  }
  return InitialiseServer(options.address, options);
}

}  // namespace kulanz::redis
