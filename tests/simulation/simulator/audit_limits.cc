// I3 and I12: no customer is given more than the limits allow, at no moment and whatever the clock does;
// and nobody is refused for a limit that was not reached.
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/simulator/auditor.h"

namespace kulanz::simulation {
namespace {

// What an incident was given, all its revisions together.
struct Gesture {
  std::size_t incident = 0;
  const Incident* facts = nullptr;
  bool money = false;                       // else a plain apology
  std::optional<Deadline> asked_since;      // the first report of it
  std::optional<Deadline> known_since;      // somebody was told
  std::optional<Deadline> withdrawn_since;  // the first that could take it back was asked
  bool withdrawn = false;                   // in the end
};

std::map<std::size_t, Gesture> GesturesIn(const Evidence& evidence) {
  std::map<std::size_t, Gesture> gestures;
  for (const auto& [key, seen] : evidence.journal.decisions) {
    const Outcome outcome = seen ? seen->decision.outcome : Outcome::kDenied;
    if (outcome == Outcome::kGranted || outcome == Outcome::kApologised) {
      Gesture& gesture = gestures[key.first];
      gesture.incident = key.first;
      gesture.facts = &seen->decision.incident;
      gesture.money = outcome == Outcome::kGranted;
      gesture.withdrawn = seen->withdrawn;
    }
  }
  const auto earlier = [](std::optional<Deadline>& known, Deadline at) {
    known = known ? std::min(*known, at) : at;
  };
  for (const ReportLog& log : evidence.journal.reports) {
    const auto found = gestures.find(log.facts.incident);
    if (found == gestures.end() || log.attempts.empty()) {
      continue;
    }
    earlier(found->second.asked_since, log.attempts.front().asked);
    for (const SeenDecision& seen : log.seen) {
      if ((seen.decision.outcome == Outcome::kGranted ||
           seen.decision.outcome == Outcome::kApologised)) {
        earlier(found->second.known_since, seen.answered);
      }
    }
  }
  for (const WithdrawalLog& log : evidence.journal.withdrawals) {
    const auto found = gestures.find(log.incident);
    if (found != gestures.end() && !log.attempts.empty()) {
      earlier(found->second.withdrawn_since, log.attempts.front().asked);
    }
  }
  return gestures;
}

bool CountTogether(const Incident& a, const Incident& b) {
  return a.customer == b.customer &&
         std::chrono::abs(a.occurred_at - b.occurred_at) < std::chrono::days(kLimitDays);
}

// The most in any span that begins with one of them, and holds `own` where it is given.
std::size_t MostInASpan(const std::vector<const Gesture*>& gestures, const Gesture* own = nullptr) {
  std::size_t most = 0;
  for (const Gesture* first : gestures) {
    if (own != nullptr && (own->facts->occurred_at < first->facts->occurred_at ||
                           !CountTogether(*first->facts, *own->facts))) {
      continue;
    }
    most = std::max(most, static_cast<std::size_t>(std::count_if(
                              gestures.begin(), gestures.end(), [first](const Gesture* other) {
                                return other->facts->occurred_at >= first->facts->occurred_at &&
                                       CountTogether(*first->facts, *other->facts);
                              })));
  }
  return most;
}

Finding CheckHeld(const std::vector<const Gesture*>& gestures, const std::string& when) {
  std::vector<const Gesture*> limited;
  std::vector<const Gesture*> apologies;
  std::set<std::pair<CustomerId, OrderId>> orders;
  for (const Gesture* gesture : gestures) {
    const Incident& incident = *gesture->facts;
    if (!gesture->money) {
      apologies.push_back(gesture);
    } else if (IsLimited(ToFacts(incident).fault)) {
      limited.push_back(gesture);
    }
    if (incident.type == "late_delivery" &&
        !orders.emplace(incident.customer, incident.order->id).second) {
      return Broken(
          "I3", incident.customer.text(),
          "two incidents of order " + incident.order->id.text() + " were compensated " + when);
    }
  }
  if (MostInASpan(limited) > kVouchersMax) {
    return Broken("I3", "", "a customer has more vouchers than the limit allows, " + when);
  }
  if (MostInASpan(apologies) > kApologiesMax) {
    return Broken("I3", "", "a customer has more apologies than the limit allows, " + when);
  }
  return std::nullopt;
}

// A gesture that the limit holds back is none too many of all that was surely given before it was asked for
// and that nobody had begun to take back when it was answered.
Finding CheckOrder(const std::map<std::size_t, Gesture>& gestures, const Gesture& own) {
  if (!own.money || !IsLimited(ToFacts(*own.facts).fault)) {
    return std::nullopt;
  }
  std::vector<const Gesture*> held = {&own};
  for (const auto& [number, other] : gestures) {
    if (other.money && other.known_since && *other.known_since < *own.asked_since &&
        (!other.withdrawn_since || *other.withdrawn_since > *own.known_since)) {
      held.push_back(&other);
    }
  }
  if (MostInASpan(held, &own) > kVouchersMax) {
    return Broken("I3", IncidentName(own.incident),
                  IncidentName(own.incident) + " was given beyond the customer's limit");
  }
  return std::nullopt;
}

// At any moment, counting only what somebody knew of and nobody had begun to take back; and in the end.
Finding CheckLimits(const std::map<std::size_t, Gesture>& gestures) {
  std::vector<const Gesture*> in_the_end;
  for (const auto& [number, gesture] : gestures) {
    if (!gesture.withdrawn) {
      in_the_end.push_back(&gesture);
    }
    if (!gesture.known_since) {
      continue;
    }
    if (Finding finding = CheckOrder(gestures, gesture)) {
      return finding;
    }
    const Deadline now = *gesture.known_since;
    std::vector<const Gesture*> held;
    for (const auto& [other_number, other] : gestures) {
      if (other.known_since && *other.known_since <= now &&
          (!other.withdrawn_since || *other.withdrawn_since > now)) {
        held.push_back(&other);
      }
    }
    if (Finding finding = CheckHeld(held, "when " + IncidentName(number) + " was answered")) {
      return finding;
    }
  }
  return CheckHeld(in_the_end, "in the end");
}

// Whether enough was given, ever, to explain the denial of `incident`.
bool IsExplained(const std::map<std::size_t, Gesture>& gestures, const SeenDecision& seen) {
  const Incident& incident = seen.decision.incident;
  std::size_t vouchers = 0;
  std::size_t apologies = 0;
  std::size_t of_the_order = 0;
  bool own = false;
  for (const auto& [number, gesture] : gestures) {
    if (gesture.facts->id == incident.id) {
      own = true;
      continue;
    }
    const bool together = CountTogether(*gesture.facts, incident);
    vouchers += together && gesture.money ? 1U : 0U;
    apologies += together && !gesture.money ? 1U : 0U;
    of_the_order += gesture.facts->customer == incident.customer &&
                            gesture.facts->order == incident.order && gesture.money
                        ? 1U
                        : 0U;
  }
  const std::string& reason = seen.decision.reason;
  if (reason == reason::kCustomerLimit) {
    return vouchers >= kVouchersMax;
  }
  if (reason == reason::kAlreadyCompensated) {
    return of_the_order > 0;
  }
  if (reason == reason::kApologyFatigue) {
    return apologies >= kApologiesMax;
  }
  if (reason == reason::kNothingToAdd) {
    return own;
  }
  if (reason == reason::kNoGesture) {
    return std::get<std::int64_t>(incident.attributes.at("days_late")) == 0;
  }
  // audit_budget.cc, audit_pool.cc
  return reason == reason::kBudgetExhausted || reason == reason::kPoolEmpty;
}

}  // namespace

Finding AuditLimits(const Evidence& evidence) {
  const auto gestures = GesturesIn(evidence);
  if (Finding finding = CheckLimits(gestures)) {
    return finding;
  }
  for (const auto& [key, seen] : evidence.journal.decisions) {
    if (seen && seen->decision.outcome != Outcome::kGranted &&
        seen->decision.outcome != Outcome::kApologised && !IsExplained(gestures, *seen)) {
      return Broken("I3", IncidentName(key.first),
                    IncidentName(key.first) + " was denied with " + seen->decision.reason +
                        ", for which nothing that was given is a reason");
    }
  }
  return std::nullopt;
}

}  // namespace kulanz::simulation
