#include "service/adapters/prometheus/prometheus_telemetry.h"

#include <prometheus/text_serializer.h>

#include <cmath>

#include "service/adapters/prometheus/metric_catalog.h"

namespace kulanz::adapters {

PrometheusTelemetry::PrometheusTelemetry(const BuildInfo& build)
    : catalog_(std::make_shared<MetricCatalog>(build)) {}
PrometheusTelemetry::~PrometheusTelemetry() = default;

ports::SpanTelemetry& PrometheusTelemetry::spans() { return catalog_->spans; }

ports::FileTelemetry& PrometheusTelemetry::files() { return catalog_->files; }
ports::ServingTelemetry& PrometheusTelemetry::serving() { return catalog_->serving; }

void PrometheusTelemetry::DecisionMade(std::string_view policy, Outcome outcome,
                                       std::string_view reason) {
  catalog_->decisions.At({policy, OutcomeName(outcome), reason}).Add();
}

void PrometheusTelemetry::ShadowDecisionMade(std::string_view policy, Outcome outcome,
                                             std::string_view reason) {
  catalog_->shadow_decisions.At({policy, OutcomeName(outcome), reason}).Add();
}

void PrometheusTelemetry::HoldoutDecisionMade(std::string_view policy, bool held_out) {
  catalog_->holdout_decisions.At({policy, held_out ? "yes" : "no"}).Add();
}

void PrometheusTelemetry::TopUpGiven(std::string_view policy, Money amount) {
  catalog_->top_ups.At({policy, amount.currency().code()}).Add();
}

void PrometheusTelemetry::IncidentWithdrawn(std::string_view policy) {
  catalog_->withdrawals.At({policy}).Add();
}

void PrometheusTelemetry::DecisionReplayed() { catalog_->decision_replays.At({}).Add(); }

void PrometheusTelemetry::VoucherIssued(std::string_view policy, Money amount) {
  const Currency currency = amount.currency();
  catalog_->vouchers_issued.At({policy, currency.code()}).Add();
  catalog_->issued_amount.At({policy, currency.code()}).Add(amount);
}

void PrometheusTelemetry::VoucherRedeemed(std::string_view policy, Money amount) {
  const Currency currency = amount.currency();
  catalog_->vouchers_redeemed.At({policy, currency.code()}).Add();
  catalog_->redeemed_amount.At({policy, currency.code()}).Add(amount);
}

void PrometheusTelemetry::VoucherValueMoved(std::string_view event, Money amount) {
  catalog_->moved_amount.At({event, amount.currency().code()}).Add(amount);
}

void PrometheusTelemetry::LiabilityObserved(Currency currency, std::int64_t minor_units) {
  const double per_unit = std::pow(10.0, currency.exponent());
  catalog_->outstanding_amount.At({currency.code()})
      .Set(static_cast<double>(minor_units) / per_unit);
}

void PrometheusTelemetry::DeliveryAttempted(std::string_view result, std::string_view reason) {
  catalog_->deliveries.At({result, reason}).Add();
}

void PrometheusTelemetry::MessengerCallFinished(std::string_view result, Seconds latency) {
  catalog_->messenger_duration.At({result}).Observe(latency.count());
}

void PrometheusTelemetry::ApologyDelivered(Seconds since_decision, Seconds since_incident) {
  catalog_->apology.At({}).Observe(since_decision.count());
  catalog_->incident_to_apology.At({}).Observe(since_incident.count());
}

void PrometheusTelemetry::DeliveriesPaused(bool paused) {
  catalog_->deliveries_paused.store(paused ? 1 : 0, std::memory_order_relaxed);
}

void PrometheusTelemetry::AgendaObserved(std::uint64_t entries, Seconds oldest_due) {
  catalog_->agenda_entries.store(static_cast<double>(entries), std::memory_order_relaxed);
  catalog_->agenda_oldest_due_seconds.store(oldest_due.count(), std::memory_order_relaxed);
}

void PrometheusTelemetry::EventTold(std::string_view type, std::string_view result) {
  catalog_->events.At({type, result}).Add();
}

void PrometheusTelemetry::OutboxObserved(std::uint64_t entries, Seconds oldest_due) {
  catalog_->outbox_entries.store(static_cast<double>(entries), std::memory_order_relaxed);
  catalog_->outbox_oldest_due_seconds.store(oldest_due.count(), std::memory_order_relaxed);
}

void PrometheusTelemetry::WebhookDisabled(std::string_view endpoint, bool disabled) {
  catalog_->webhook_disabled.At({endpoint}).Set(disabled ? 1 : 0);
}

void PrometheusTelemetry::VoucherGuessed(std::string_view result, bool trusted_caller) {
  catalog_->voucher_guesses.At({result, trusted_caller ? "trusted" : "untrusted"}).Add();
}

void PrometheusTelemetry::PoolsObserved(std::span<const ports::PoolLevel> levels) {
  catalog_->SetPools(levels);
}

void PrometheusTelemetry::BudgetsObserved(std::span<const ports::BudgetLevel> levels) {
  catalog_->budgets.Set(levels);
}

void PrometheusTelemetry::BreakersObserved(std::span<const ports::BreakerLevel> levels) {
  catalog_->SetBreakers(levels);
}

void PrometheusTelemetry::PolicySetReloaded(std::string_view result) {
  catalog_->policy_reloads.At({result}).Add();
}

void PrometheusTelemetry::PolicySetActive(std::string_view revision, std::size_t policies) {
  catalog_->SetPolicySet(revision, policies);
}

void PrometheusTelemetry::SecretsReloaded(std::string_view result, std::size_t secrets) {
  catalog_->secret_reloads.At({result}).Add();
  catalog_->secrets.store(static_cast<double>(secrets), std::memory_order_relaxed);
}

void PrometheusTelemetry::RpcFinished(std::string_view method, std::string_view code,
                                      Seconds latency) {
  catalog_->rpc_duration.At({method, code}).Observe(latency.count());
}

void PrometheusTelemetry::StoreCallFinished(std::string_view operation, std::string_view result,
                                            Seconds latency) {
  catalog_->store_duration.At({operation, result}).Observe(latency.count());
}

void PrometheusTelemetry::StoreRolledBack() { catalog_->store_rollbacks.At({}).Add(); }

void PrometheusTelemetry::BudgetLeaseChanged(std::string_view budget, std::string_view event) {
  catalog_->budget_lease_events.At({budget, event}).Add();
}

std::string PrometheusTelemetry::Text() const {
  return prometheus::TextSerializer().Serialize(catalog_->Collect());
}

}  // namespace kulanz::adapters
