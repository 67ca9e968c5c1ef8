// Telemetry: what the use-cases tell the outside about themselves.
//
// Port. Implemented by PrometheusTelemetry (adapters/prometheus) and by NullTelemetry below. All label
// values come from closed sets: policies of the set, outcomes, reasons, methods, codes. Never an id, a
// name, an address or a code. Thread-safety: any method from any thread; none blocks.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "service/domain/decision.h"
#include "service/domain/money.h"
#include "service/domain/time.h"

namespace kulanz::ports {

// What is left in a pool of codes, and from which number on that is low.
struct PoolLevel {
  std::string_view pool;
  std::uint64_t remaining = 0;
  std::int64_t low_at = 0;
};

// What a budget has for its period of now, and what is left of it, in one currency.
struct BudgetLevel {
  std::string_view budget;
  Money amount;
  Money remaining;
};

// Whether a breaker holds what would be given, until somebody releases it, and how many cases.
struct BreakerLevel {
  std::string_view breaker;  // "type/late_delivery", "policy/late-delivery"
  bool tripped = false;
  std::uint64_t held = 0;
};

class Telemetry {
 public:
  using Seconds = std::chrono::duration<double>;
  virtual ~Telemetry() = default;

  // A decision was recorded (replays are not counted here). `policy` may be empty.
  virtual void DecisionMade(std::string_view policy, Outcome outcome, std::string_view reason) = 0;
  virtual void ShadowDecisionMade(std::string_view policy, Outcome outcome,
                                  std::string_view reason) = 0;
  // A decision of a policy with a control group; `held_out`: the customer is in it.
  virtual void HoldoutDecisionMade(std::string_view policy, bool held_out) = 0;
  virtual void DecisionReplayed() = 0;
  // A grant of a later revision: the difference to what the incident had given before.
  virtual void TopUpGiven(std::string_view policy, Money amount) = 0;
  // An incident was taken back; `policy`: of its first decision, may be empty.
  virtual void IncidentWithdrawn(std::string_view policy) = 0;
  virtual void VoucherIssued(std::string_view policy, Money amount) = 0;
  virtual void VoucherRedeemed(std::string_view policy, Money amount) = 0;
  // `event`: "reversed", "revoked", "expired", "reissued" (which leaves the sum as it is).
  virtual void VoucherValueMoved(std::string_view event, Money amount) = 0;
  // What all vouchers of the store are worth in this currency.
  virtual void LiabilityObserved(Currency currency, std::int64_t minor_units) = 0;
  // `result`: "accepted", "retry", "undeliverable", "misconfigured".
  virtual void DeliveryAttempted(std::string_view result, std::string_view reason) = 0;
  // From an attempt handed to the messenger to its report, waiting for a turn included.
  virtual void MessengerCallFinished(std::string_view result, Seconds latency) = 0;
  // From the decision, and from the incident, to the message accepted by the next hop.
  virtual void ApologyDelivered(Seconds since_decision, Seconds since_incident) = 0;
  // Whether no letter can be sent until an operator acts.
  virtual void DeliveriesPaused(bool paused) = 0;
  // Due and future entries of the agenda, and how long the oldest due one has waited.
  virtual void AgendaObserved(std::uint64_t entries, Seconds oldest_due) = 0;
  // One event, by its type (domain/event.h). `result`: "accepted", "retry", "held" (nothing was sent), "dead".
  virtual void EventTold(std::string_view type, std::string_view result) = 0;
  // Events that are not told yet, and how long the oldest due one has waited.
  virtual void OutboxObserved(std::uint64_t entries, Seconds oldest_due) = 0;
  // Whether a receiver has switched us off (HTTP 410). `endpoint`: "events", "messages".
  virtual void WebhookDisabled(std::string_view endpoint, bool disabled) = 0;
  // `result`: "ok", "rejected".
  virtual void PolicySetReloaded(std::string_view result) = 0;
  virtual void PolicySetActive(std::string_view revision, std::size_t policies) = 0;
  // `result`: "ok", "rejected"; `secrets`: how many are active now.
  virtual void SecretsReloaded(std::string_view result, std::size_t secrets) = 0;
  virtual void RpcFinished(std::string_view method, std::string_view code, Seconds latency) = 0;
  // `operation`: "read", "commit", "index"; `result`: "ok", "conflict", "unavailable", "uncertain".
  virtual void StoreCallFinished(std::string_view operation, std::string_view result,
                                 Seconds latency) = 0;
  // Acknowledged writes that the store has lost (a partition's sequence went backwards).
  virtual void StoreRolledBack() = 0;
  // `event`: "leased", "settled", "recovered", "exhausted".
  virtual void BudgetLeaseChanged(std::string_view budget, std::string_view event) = 0;
  // All budgets that policies name; those of before that are not among them are forgotten.
  virtual void BudgetsObserved(std::span<const BudgetLevel> levels) = 0;
  // `result`: "typo" (its check symbol does not fit), "wrong", "throttled" (refused unseen).
  virtual void VoucherGuessed(std::string_view result, bool trusted_caller) = 0;
  // All pools that policies name; those of before that are not among them are forgotten.
  virtual void PoolsObserved(std::span<const PoolLevel> levels) = 0;
  // All breakers that policies set, or that have something to release; those of before that are not among them are
  // forgotten.
  virtual void BreakersObserved(std::span<const BreakerLevel> levels) = 0;
};

class NullTelemetry : public Telemetry {
 public:
  void DecisionMade(std::string_view, Outcome, std::string_view) override {}
  void ShadowDecisionMade(std::string_view, Outcome, std::string_view) override {}
  void HoldoutDecisionMade(std::string_view, bool) override {}
  void DecisionReplayed() override {}
  void TopUpGiven(std::string_view, Money) override {}
  void IncidentWithdrawn(std::string_view) override {}
  void VoucherIssued(std::string_view, Money) override {}
  void VoucherRedeemed(std::string_view, Money) override {}
  void VoucherValueMoved(std::string_view, Money) override {}
  void LiabilityObserved(Currency, std::int64_t) override {}
  void DeliveryAttempted(std::string_view, std::string_view) override {}
  void MessengerCallFinished(std::string_view, Seconds) override {}
  void ApologyDelivered(Seconds, Seconds) override {}
  void DeliveriesPaused(bool) override {}
  void AgendaObserved(std::uint64_t, Seconds) override {}
  void EventTold(std::string_view, std::string_view) override {}
  void OutboxObserved(std::uint64_t, Seconds) override {}
  void WebhookDisabled(std::string_view, bool) override {}
  void PolicySetReloaded(std::string_view) override {}
  void PolicySetActive(std::string_view, std::size_t) override {}
  void SecretsReloaded(std::string_view, std::size_t) override {}
  void RpcFinished(std::string_view, std::string_view, Seconds) override {}
  void StoreCallFinished(std::string_view, std::string_view, Seconds) override {}
  void StoreRolledBack() override {}
  void BudgetLeaseChanged(std::string_view, std::string_view) override {}
  void BudgetsObserved(std::span<const BudgetLevel>) override {}
  void VoucherGuessed(std::string_view, bool) override {}
  void PoolsObserved(std::span<const PoolLevel>) override {}
  void BreakersObserved(std::span<const BreakerLevel>) override {}
};

}  // namespace kulanz::ports
