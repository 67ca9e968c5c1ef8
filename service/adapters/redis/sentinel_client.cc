#include "service/adapters/redis/sentinel_client.h"

#include <charconv>
#include <string>
#include <string_view>

#include "service/adapters/redis/blocking_client.h"
#include "service/adapters/redis/decimal_digits.h"
#include "service/adapters/redis/failures.h"

namespace kulanz::redis {
namespace {

Result<SentinelView> AskSentinel(const RedisAddress& address, const Endpoint& sentinel,
                                 Duration timeout) {
  KULANZ_ASSIGN_OR_RETURN(BlockingClient client,
                          BlockingClient::Connect(address.AtSentinel(sentinel), timeout));
  const Result<Reply> reply = client.Run({"SENTINEL", "MASTER", address.master_name});
  if (!reply.ok()) {
    return Unreachable("Sentinel " + sentinel.ToString() + " does not name the master " +
                       address.master_name + ": " + std::string(reply.status().message()));
  }
  std::optional<SentinelView> view = ParseSentinelMaster(*reply);
  if (!view) {
    return BrokenReply("a master of another form");
  }
  return *std::move(view);
}

}  // namespace

std::optional<SentinelView> ParseSentinelMaster(const Reply& reply) {
  SentinelView view;
  bool has_epoch = false;
  // Names and values in turn.
  for (std::size_t at = 0; at + 1 < reply.elements.size(); at += 2) {
    const std::string& name = reply.elements[at].text;
    const std::string& value = reply.elements[at + 1].text;
    if (name == "ip") {
      view.master.host = value;
    } else if (name == "port") {
      view.master.port = ParseNumber<std::uint16_t>(value).value_or(0);
    } else if (name == "config-epoch") {
      const auto epoch = ParseNumber<std::uint64_t>(value);
      has_epoch = epoch.has_value();
      view.epoch = epoch.value_or(0);
    }
  }
  if (view.master.host.empty() || view.master.port == 0 || !has_epoch) {
    return std::nullopt;
  }
  return view;
}

std::optional<SentinelView> ChooseView(const std::vector<SentinelView>& views,
                                       std::size_t sentinels,
                                       const std::optional<SentinelView>& known) {
  std::optional<SentinelView> newest;
  for (const SentinelView& view : views) {
    if (!newest || view.epoch > newest->epoch) {
      newest = view;
    }
  }
  const bool is_majority = views.size() * 2 > sentinels;
  if (newest && known && newest->epoch < known->epoch && !is_majority) {
    return std::nullopt;
  }
  return newest;
}

Result<SentinelView> FindMaster(const RedisAddress& address, Duration timeout,
                                const std::optional<SentinelView>& known) {
  std::vector<SentinelView> views;
  Status last = Unreachable("no Sentinel was asked");
  for (const Endpoint& sentinel : address.seeds) {
    Result<SentinelView> view = AskSentinel(address, sentinel, timeout);
    if (view.ok()) {
      views.push_back(*std::move(view));
    } else {
      last = view.status();
    }
  }
  const std::optional<SentinelView> chosen = ChooseView(views, address.seeds.size(), known);
  if (chosen) {
    return *chosen;
  }
  return views.empty() ? last : Unreachable("the Sentinels that answer know an older master only");
}

}  // namespace kulanz::redis
