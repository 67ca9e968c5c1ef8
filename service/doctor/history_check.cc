// A customer's history against what was decided for them, so that limits count what was given.
//
// Both are in one partition and are read in one view. Gestures that no limit can reach are dropped from a
// history when the next decision is made, so what is older than intake accepts is not missed. Nothing is
// repaired: adding a gesture takes from what the customer may get, dropping one adds to it.
#include <algorithm>

#include "service/doctor/check.h"

namespace kulanz::doctor {
namespace {

class HistoryCheck final : public Check {
 public:
  explicit HistoryCheck(const Tools& tools) : tools_(tools) {}
  bool Wants(ports::RecordKind kind) const override {
    return kind == ports::RecordKind::kHistory || kind == ports::RecordKind::kDecision;
  }
  Result<Findings> Examine(const ports::Key& key, bool) override {
    return key.kind == ports::RecordKind::kHistory ? ExamineHistory(key) : ExamineDecision(key);
  }

 private:
  // What the head of a case says that it gave; nothing when that is no gesture.
  static bool GaveAnything(const app::StoredDecision& head) {
    const auto gave = [](const app::LaterRevision& later) {
      return later.voucher_key.has_value() || later.apologised;
    };
    return head.voucher_key || head.decision.outcome == Outcome::kApologised ||
           std::any_of(head.later.begin(), head.later.end(), gave);
  }

  Result<Findings> ExamineDecision(const ports::Key& key) {
    KULANZ_ASSIGN_OR_RETURN(const ports::Record named, ReadOne(tools_, key));
    const auto stored = tools_.codec.DecodeDecision(key, named.value);
    if (!named.exists() || !stored.ok() || stored->first_key) {
      return Findings{};
    }
    const ports::Key history_key = tools_.keys.HistoryOf(stored->decision.incident.customer);
    if (history_key.partition != key.partition) {
      return Findings{};  // decisions_check.cc tells
    }
    KULANZ_ASSIGN_OR_RETURN(const std::vector<ports::Record> records,
                            Read(tools_, {key, history_key}));
    const auto head = tools_.codec.DecodeDecision(key, records[0].value);
    const auto history = tools_.codec.DecodeHistory(history_key, records[1].value);
    if (!records[0].exists() || !head.ok() || !history.ok()) {
      return Findings{};
    }
    return Compare(key, *head, *history);
  }

  Findings Compare(const ports::Key& key, const app::StoredDecision& head, const History& history) {
    const Incident& incident = head.decision.incident;
    std::int64_t gestures = 0;
    bool is_same_amount = false;
    for (const GivenGesture& gesture : history.gestures) {
      if (gesture.incident == incident.id) {
        ++gestures;
        is_same_amount = is_same_amount || !head.given || gesture.amount == *head.given;
      }
    }
    const bool gave = GaveAnything(head) && !head.withdrawn;
    const std::optional<Instant> now = tools_.store.Now();
    const bool may_be_dropped = !now || incident.occurred_at < *now - tools_.intake_max_age;
    if (gave && gestures == 0 && !may_be_dropped) {
      return {{"GESTURE_MISSING", Severity::kDamage, key,
               "what an incident gave is missing in its customer's history, so limits do not count "
               "it"}};
    }
    // More than one: the currency has changed between revisions.
    if (gave && gestures == 1 && !is_same_amount) {
      return {{"GESTURE_AMOUNT", Severity::kDamage, key,
               "the customer's history has another amount for an incident than it gave"}};
    }
    if (!gave && gestures > 0) {
      return {{"GESTURE_WITHOUT_DECISION", Severity::kDamage, key,
               "a customer's history counts an incident that gave nothing, or was withdrawn"}};
    }
    return {};
  }

  // Gestures whose decision is gone; those with one are looked at from the decision.
  Result<Findings> ExamineHistory(const ports::Key& key) {
    KULANZ_ASSIGN_OR_RETURN(const ports::Record record, ReadOne(tools_, key));
    const auto history = tools_.codec.DecodeHistory(key, record.value);
    if (!record.exists() || !history.ok()) {
      return Findings{};
    }
    Findings findings;
    for (const GivenGesture& gesture : history->gestures) {
      const ports::Key decision = tools_.keys.Decision(key.partition, gesture.incident);
      KULANZ_ASSIGN_OR_RETURN(const std::vector<ports::Record> now, Read(tools_, {key, decision}));
      if (!now[1].exists() && now[0].version == record.version) {
        findings.push_back(
            {"GESTURE_WITHOUT_DECISION", Severity::kDamage, key,
             "a customer's history counts an incident whose decision is not stored"});
      }
    }
    return findings;
  }

  const Tools& tools_;
};

}  // namespace

std::unique_ptr<Check> MakeHistoryCheck(const Tools& tools) {
  return std::make_unique<HistoryCheck>(tools);
}

}  // namespace kulanz::doctor
