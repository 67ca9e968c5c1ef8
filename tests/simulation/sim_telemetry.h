// Telemetry that a test can count.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "service/ports/telemetry.h"

namespace kulanz::simulation {

class SimTelemetry final : public ports::Telemetry {
 public:
  std::map<std::string, int> budget_events;
  std::map<std::string, int> attempts;  // "result/reason"
  std::vector<double> delivered_after;  // seconds
  std::vector<double> delivered_after_incident;
  bool paused = false;
  std::uint64_t agenda_entries = 0;
  double agenda_oldest_due = 0;
  std::map<std::string, std::int64_t> liability;  // by currency, as told last

  void DeliveryAttempted(std::string_view result, std::string_view reason) override {
    ++attempts[std::string(result) + "/" + std::string(reason)];
  }
  void ApologyDelivered(Seconds since_decision, Seconds since_incident) override {
    delivered_after.push_back(since_decision.count());
    delivered_after_incident.push_back(since_incident.count());
  }
  void DeliveriesPaused(bool is_paused) override { paused = is_paused; }
  void AgendaObserved(std::uint64_t entries, Seconds oldest_due) override {
    agenda_entries = entries;
    agenda_oldest_due = oldest_due.count();
  }
  void BudgetLeaseChanged(std::string_view, std::string_view event) override {
    ++budget_events[std::string(event)];
  }
  void VoucherGuessed(std::string_view, bool) override {}
  void PoolsObserved(std::span<const ports::PoolLevel>) override {}
  void BudgetsObserved(std::span<const ports::BudgetLevel>) override {}
  void BreakersObserved(std::span<const ports::BreakerLevel>) override {}

  void LiabilityObserved(Currency currency, std::int64_t minor_units) override {
    liability[std::string(currency.code())] = minor_units;
  }
  void MessengerCallFinished(std::string_view, Seconds) override {}
  void DecisionMade(std::string_view, Outcome, std::string_view) override {}
  void ShadowDecisionMade(std::string_view, Outcome, std::string_view) override {}
  void HoldoutDecisionMade(std::string_view, bool) override {}
  void DecisionReplayed() override {}
  void TopUpGiven(std::string_view, Money) override {}
  void IncidentWithdrawn(std::string_view) override {}
  void VoucherIssued(std::string_view, Money) override {}
  void VoucherRedeemed(std::string_view, Money) override {}
  void VoucherValueMoved(std::string_view, Money) override {}
  void EventTold(std::string_view, std::string_view) override {}
  void OutboxObserved(std::uint64_t, Seconds) override {}
  void WebhookDisabled(std::string_view, bool) override {}
  void PolicySetReloaded(std::string_view) override {}
  void PolicySetActive(std::string_view, std::size_t) override {}
  void SecretsReloaded(std::string_view, std::size_t) override {}
  void RpcFinished(std::string_view, std::string_view, Seconds) override {}
  void StoreCallFinished(std::string_view, std::string_view, Seconds) override {}
  void StoreRolledBack() override {}
};

}  // namespace kulanz::simulation
