#include "service/adapters/redis/cluster_client.h"

#include <charconv>
#include <string>
#include <string_view>

#include "service/adapters/redis/blocking_client.h"
#include "service/adapters/redis/failures.h"
#include "service/adapters/redis/reply_codec.h"

namespace kulanz::redis {

Result<ClusterView> AskNode(const RedisAddress& address, const Endpoint& node, Duration timeout) {
  KULANZ_ASSIGN_OR_RETURN(BlockingClient client,
                          BlockingClient::Connect(address.At(node), timeout));
  KULANZ_ASSIGN_OR_RETURN(const Reply info, client.Run({"CLUSTER", "INFO"}));
  KULANZ_ASSIGN_OR_RETURN(const Reply slots, client.Run({"CLUSTER", "SLOTS"}));
  ClusterView view;
  view.is_ok = InfoField(info.text, "cluster_state") == "ok";
  const std::string_view epoch = InfoField(info.text, "cluster_current_epoch");
  std::from_chars(epoch.data(), epoch.data() + epoch.size(), view.epoch);
  KULANZ_ASSIGN_OR_RETURN(view.slots, ParseClusterSlots(slots, node.host));
  return view;
}

Result<Genesis> ReadClusterGenesis(const RedisAddress& address, const ClusterView& view,
                                   Duration timeout) {
  const std::optional<Endpoint> owner = OwnerOf(view.slots, SlotOf({0}));
  if (!owner) {
    return ErrorStatus("CLUSTERDOWN");
  }
  KULANZ_ASSIGN_OR_RETURN(BlockingClient client,
                          BlockingClient::Connect(address.At(*owner), timeout));
  KULANZ_ASSIGN_OR_RETURN(const Reply value, client.Run({"GET", GenesisKey({0})}));
  std::optional<GenesisRecord> record = ParseGenesisRecord(value.text);
  if (!record) {
    return NoFirstGenesis(value.is_nil);
  }
  return std::move(record->genesis);
}

}  // namespace kulanz::redis
