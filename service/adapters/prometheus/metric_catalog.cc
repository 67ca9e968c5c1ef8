#include "service/adapters/prometheus/metric_catalog.h"

#include <array>
#include <utility>

namespace kulanz::adapters {
namespace {

// Edges stand where objectives do: 50 ms for a call, 5 ms for the store, a minute for an apology.
constexpr std::array kRpcBounds = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                   0.25,   0.5,   1.0,    2.5,   5.0,  10.0,  30.0};
constexpr std::array kStoreBounds = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                     0.025,  0.05,    0.1,    0.25,  0.5,    1.0,   2.5};
constexpr std::array kApologyBounds = {0.1,    0.25,    0.5,     1.0,      2.5,
                                       5.0,    15.0,    60.0,    300.0,    1800.0,
                                       7200.0, 21600.0, 86400.0, 259200.0, 604800.0};

using prometheus::ClientMetric;
using prometheus::MetricFamily;

MetricFamily Gauge(std::string name, std::string help, double value,
                   std::vector<ClientMetric::Label> labels = {}) {
  MetricFamily family;
  family.name = std::move(name);
  family.help = std::move(help);
  family.type = prometheus::MetricType::Gauge;
  ClientMetric& metric = family.metric.emplace_back();
  metric.label = std::move(labels);
  metric.gauge.value = value;
  return family;
}

}  // namespace

MetricCatalog::MetricCatalog(BuildInfo build)
    : decisions({"kulanz_decisions_total",
                 "Decisions recorded; a repeated report is not another decision.",
                 {"policy", "outcome", "reason"}},
                {}),
      shadow_decisions({"kulanz_shadow_decisions_total",
                        "What policies in shadow mode would have decided.",
                        {"policy", "outcome", "reason"}},
                       {}),
      holdout_decisions(
          {"kulanz_holdout_decisions_total",
           "Decisions of policies with a control group, and whether the customer is in "
           "it: the share that is held out.",
           {"policy", "held_out"}},
          {}),
      top_ups({"kulanz_top_ups_total",
               "Vouchers for the difference when an incident had grown; issued ones, too.",
               {"policy", "currency"}},
              {}),
      withdrawals({"kulanz_withdrawals_total",
                   "Incidents that were taken back; the policy is that of the first decision.",
                   {"policy"}},
                  {}),
      decision_replays({"kulanz_decision_replays_total",
                        "Reports that were answered with a decision made before.",
                        {}},
                       {}),
      vouchers_issued({"kulanz_vouchers_issued_total", "Vouchers issued.", {"policy", "currency"}},
                      {}),
      issued_amount(
          {"kulanz_issued_amount_total",
           "Worth of the vouchers issued, in units of the currency (12.50 EUR adds 12.5). "
           "For charts; sum over policies, never over currencies.",
           {"policy", "currency"}},
          {}),
      vouchers_redeemed({"kulanz_vouchers_redeemed_total",
                         "Redemptions recorded; a repeated one is not another redemption.",
                         {"policy", "currency"}},
                        {}),
      redeemed_amount({"kulanz_redeemed_amount_total",
                       "Worth redeemed, in units of the currency. For charts; sum over policies, "
                       "never over currencies.",
                       {"policy", "currency"}},
                      {}),
      moved_amount(
          {"kulanz_voucher_amount_moved_total",
           "Worth of vouchers that was reversed, revoked, expired or reissued, in units of "
           "the currency.",
           {"event", "currency"}},
          {}),
      outstanding_amount(
          {"kulanz_outstanding_amount",
           "What all vouchers of the store are worth, in units of the currency. Every "
           "replica reads the same from the store, once a minute: take the max over "
           "replicas, never a sum.",
           {"currency"}},
          {}),
      voucher_guesses(
          {"kulanz_voucher_guesses_total",
           "Codes that were no voucher: typo (the check symbol does not fit), wrong, and "
           "throttled (refused without a look after too many).",
           {"result", "caller"}},
          {}),
      deliveries({"kulanz_deliveries_total",
                  "Attempts to deliver a message: accepted, retry, undeliverable, misconfigured.",
                  {"result", "reason"}},
                 {}),
      messenger_duration({"kulanz_messenger_duration_seconds",
                          "Time from an attempt handed to the messenger to its outcome, waiting "
                          "for a turn included.",
                          {"result"}},
                         {kRpcBounds}),
      apology(
          {"kulanz_apology_seconds",
           "From the decision to the message accepted by the next hop, the policy's wait included.",
           {}},
          {kApologyBounds}),
      incident_to_apology({"kulanz_incident_to_apology_seconds",
                           "From the incident, as reported, to the message accepted by the next "
                           "hop.",
                           {}},
                          {kApologyBounds}),
      events({"kulanz_events_total",
              "Events for others, by what became of an attempt to tell them: accepted, retry, held "
              "(nothing was sent), dead (given up).",
              {"type", "result"}},
             {}),
      webhook_disabled(
          {"kulanz_webhook_disabled",
           "1 while nothing is sent to the receiver of events, or of messages, because "
           "it answered 410; 0 as soon as it is asked again.",
           {"endpoint"}},
          {}),
      rpc_duration({"kulanz_rpc_duration_seconds",
                    "Time from a request to its answer; on StreamIncidents, of each incident.",
                    {"method", "code"}},
                   {kRpcBounds}),
      store_duration({"kulanz_store_duration_seconds",
                      "Time from a call on the store to its outcome.",
                      {"operation", "result"}},
                     {kStoreBounds}),
      store_rollbacks({"kulanz_store_rollbacks_total",
                       "Times that the store was found to have lost acknowledged writes.",
                       {}},
                      {}),
      budget_lease_events({"kulanz_budget_lease_events_total",
                           "Leases of budgets: leased, settled, recovered, exhausted.",
                           {"budget", "event"}},
                          {}),
      policy_reloads({"kulanz_policy_reloads_total",
                      "Policy sets read: ok, or rejected (the one before stays active).",
                      {"result"}},
                     {}),
      secret_reloads({"kulanz_secret_reloads_total",
                      "New secret files taken over: ok, or rejected (what was active stays).",
                      {"result"}},
                     {}),
      build_(std::move(build)) {
  // rate() and alerts need a zero to count from, most of all for what should never happen.
  decision_replays.At({});
  store_rollbacks.At({});
  apology.At({});
  incident_to_apology.At({});
  policy_reloads.At({"ok"});
  policy_reloads.At({"rejected"});
  secret_reloads.At({"ok"});
  secret_reloads.At({"rejected"});
  for (const std::string_view caller : {"trusted", "untrusted"}) {
    for (const std::string_view result : {"typo", "wrong", "throttled"}) {
      voucher_guesses.At({result, caller});
    }
  }
}

void MetricCatalog::SetPolicySet(std::string_view revision, std::size_t policies) {
  const std::lock_guard lock(policy_set_mutex_);
  policy_set_revision_ = revision;
  policy_set_policies_ = policies;
}

void MetricCatalog::SetPools(std::span<const ports::PoolLevel> levels) {
  std::vector<Pool> pools;
  for (const ports::PoolLevel& level : levels) {
    pools.push_back({LabelValue(level.pool), static_cast<double>(level.remaining),
                     static_cast<double>(level.low_at)});
  }
  const std::lock_guard lock(pools_mutex_);
  pools_ = std::move(pools);
}

void MetricCatalog::CollectPools(std::vector<MetricFamily>& out) const {
  MetricFamily remaining;
  remaining.name = "kulanz_pool_codes_remaining";
  remaining.help = "Codes left in a pool that policies name, as counted last.";
  remaining.type = prometheus::MetricType::Gauge;
  MetricFamily low_at = remaining;
  low_at.name = "kulanz_pool_codes_low_at";
  low_at.help =
      "From how many codes on a pool is low, as its policies say: alert on remaining <= low_at.";
  const std::lock_guard lock(pools_mutex_);
  for (const Pool& pool : pools_) {
    ClientMetric& metric = remaining.metric.emplace_back();
    metric.label = {{"pool", pool.name}};
    metric.gauge.value = pool.remaining;
    low_at.metric.push_back(metric);
    low_at.metric.back().gauge.value = pool.low_at;
  }
  out.push_back(std::move(remaining));
  out.push_back(std::move(low_at));
}

void MetricCatalog::SetBreakers(std::span<const ports::BreakerLevel> levels) {
  std::vector<Breaker> breakers;
  for (const ports::BreakerLevel& level : levels) {
    breakers.push_back({LabelValue(level.breaker), level.tripped, static_cast<double>(level.held)});
  }
  const std::lock_guard lock(breakers_mutex_);
  breakers_ = std::move(breakers);
}

void MetricCatalog::CollectBreakers(std::vector<MetricFamily>& out) const {
  MetricFamily tripped;
  tripped.name = "kulanz_breaker_tripped";
  tripped.help =
      "1 while a breaker for mass incidents sends what would be given to review, until somebody "
      "releases it.";
  tripped.type = prometheus::MetricType::Gauge;
  MetricFamily held;
  held.name = "kulanz_breaker_held_cases";
  held.help =
      "Cases that wait in review until their breaker is released. Every replica reads the same "
      "from the store: take the max over replicas, never a sum.";
  held.type = prometheus::MetricType::Gauge;
  const auto add = [](MetricFamily& family, const std::string& name, double value) {
    ClientMetric& metric = family.metric.emplace_back();
    metric.label = {{"breaker", name}};
    metric.gauge.value = value;
  };
  const std::lock_guard lock(breakers_mutex_);
  for (const Breaker& breaker : breakers_) {
    add(tripped, breaker.name, breaker.tripped ? 1 : 0);
    add(held, breaker.name, breaker.held);
  }
  out.push_back(std::move(tripped));
  out.push_back(std::move(held));
}

std::vector<MetricFamily> MetricCatalog::Collect() const {
  std::vector<MetricFamily> out = {
      decisions.Collect(),        shadow_decisions.Collect(),    holdout_decisions.Collect(),
      top_ups.Collect(),          withdrawals.Collect(),         decision_replays.Collect(),
      vouchers_issued.Collect(),  issued_amount.Collect(),       vouchers_redeemed.Collect(),
      redeemed_amount.Collect(),  moved_amount.Collect(),        outstanding_amount.Collect(),
      voucher_guesses.Collect(),  deliveries.Collect(),          messenger_duration.Collect(),
      apology.Collect(),          incident_to_apology.Collect(), events.Collect(),
      webhook_disabled.Collect(), rpc_duration.Collect(),        store_duration.Collect(),
      store_rollbacks.Collect(),  budget_lease_events.Collect(), policy_reloads.Collect(),
      secret_reloads.Collect()};
  budgets.Collect(out);
  files.Collect(out);
  serving.Collect(out);
  spans.Collect(out);
  CollectPools(out);
  CollectBreakers(out);
  CollectGauges(out);
  return out;
}

void MetricCatalog::CollectGauges(std::vector<MetricFamily>& out) const {
  out.push_back(Gauge("kulanz_deliveries_paused",
                      "1 while no letter can be sent until an operator acts: login or certificate "
                      "refused, disk full. 0 as soon as one is sent again.",
                      deliveries_paused.load(std::memory_order_relaxed)));
  out.push_back(Gauge("kulanz_agenda_entries", "Due and future work on the agenda.",
                      agenda_entries.load(std::memory_order_relaxed)));
  out.push_back(Gauge("kulanz_agenda_oldest_due_seconds",
                      "How long the oldest due work has waited; 0 when nothing is due.",
                      agenda_oldest_due_seconds.load(std::memory_order_relaxed)));
  out.push_back(Gauge("kulanz_outbox_entries", "Events that are not told yet.",
                      outbox_entries.load(std::memory_order_relaxed)));
  out.push_back(Gauge("kulanz_outbox_oldest_due_seconds",
                      "How long the oldest due event has waited; 0 when none is due.",
                      outbox_oldest_due_seconds.load(std::memory_order_relaxed)));
  out.push_back(Gauge("kulanz_secrets",
                      "Secret files that are active; replicas that differ have not all reloaded.",
                      secrets.load(std::memory_order_relaxed)));
  {
    const std::lock_guard lock(policy_set_mutex_);
    out.push_back(Gauge("kulanz_policy_set_policies", "Policies of the active set.",
                        static_cast<double>(policy_set_policies_)));
    if (!policy_set_revision_.empty()) {
      out.push_back(
          Gauge("kulanz_policy_set_info",
                "1, with the revision of the active policy set; replicas that differ have "
                "not all reloaded.",
                1, {{"revision", LabelValue(policy_set_revision_)}}));
    }
  }
  out.push_back(Gauge("kulanz_build_info", "1, with what this program was built from.", 1,
                      {{"version", LabelValue(build_.version)},
                       {"revision", LabelValue(build_.revision)},
                       {"compiler", LabelValue(__VERSION__)}}));
}

}  // namespace kulanz::adapters
