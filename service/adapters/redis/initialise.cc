#include "service/adapters/redis/initialise.h"

#include <string>
#include <vector>

#include "service/adapters/redis/blocking_client.h"

namespace kulanz::redis {
namespace {

constexpr std::uint64_t kFirstSequence = 0;

// OK when every genesis record is the expected one.
Status VerifyExisting(BlockingClient& client, const Genesis& genesis) {
  std::uint32_t missing = 0;
  const auto partitions = static_cast<std::uint16_t>(genesis.partition_count);
  for (std::uint16_t number = 0; number < partitions; ++number) {
    const ports::PartitionId partition{number};
    KULANZ_ASSIGN_OR_RETURN(const Reply reply, client.Run({"GET", GenesisKey(partition)}));
    if (reply.is_nil) {
      ++missing;
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
  }
  if (missing > 0) {
    return Status(Code::kFailedPrecondition, "STORE_DAMAGED",
                  std::to_string(missing) + " of " + std::to_string(genesis.partition_count) +
                      " genesis records are missing: restore a backup; nothing was changed");
  }
  return Status::Ok();
}

}  // namespace

Status Initialise(const InitialiseOptions& options) {
  const Genesis& genesis = options.genesis;
  KULANZ_RETURN_IF_ERROR(genesis.Validate());
  KULANZ_ASSIGN_OR_RETURN(BlockingClient client,
                          BlockingClient::Connect(options.address, options.timeout));
  KULANZ_ASSIGN_OR_RETURN(const Reply present, client.Run({"EXISTS", GenesisKey({0})}));
  if (present.integer != 0) {
    return VerifyExisting(client, genesis);
  }
  KULANZ_ASSIGN_OR_RETURN(const Reply size, client.Run({"DBSIZE"}));
  if (size.integer != 0 && !options.allow_other_keys) {
    return Status(
        Code::kFailedPrecondition, "STORE_NOT_EMPTY",
        "the database holds " + std::to_string(size.integer) +
            " keys but no genesis record: it is not ours, or it lost its genesis; nothing "
            "was changed");
  }
  std::vector<std::string> msetnx{"MSETNX"};
  const auto partitions = static_cast<std::uint16_t>(genesis.partition_count);
  for (std::uint16_t number = 0; number < partitions; ++number) {
    std::string value;
    AppendVersion(kFirstSequence, value);
    value += genesis.Text({number});
    msetnx.push_back(GenesisKey({number}));
    msetnx.push_back(std::move(value));
  }
  KULANZ_ASSIGN_OR_RETURN(const Reply written, client.Run(msetnx));
  // Somebody else was faster, or some records were there already.
  return written.integer == 1 ? Status::Ok() : VerifyExisting(client, genesis);
}

}  // namespace kulanz::redis
