// Lint of one policy: rows that are never reached, limits that never bind, keys without effect.
#include <algorithm>
#include <string>

#include "service/policy/condition_logic.h"
#include "service/policy/diagnostic_ids.h"
#include "service/policy/incident_type.h"
#include "service/policy/lint.h"

namespace kulanz::policy {
namespace {

class PolicyLint {
 public:
  PolicyLint(const PolicyDraft& draft, DiagnosticSink& sink)
      : draft_(draft), policy_(*draft.policy), sink_(sink) {}

  void Run() {
    CheckRows("exclude", policy_.exclude);
    CheckRows("gesture", policy_.gesture);
    CheckRows("severity", policy_.severity);
    CheckLimits();
    CheckEffects();
  }

 private:
  void Warn(const Node& node, std::string_view id, std::string message, std::string hint) {
    sink_.Add(*draft_.file, node.span, id, std::move(message), std::move(hint), Severity::kWarning);
  }

  static const bool* ConstantOf(const Expression& when, bool& storage) {
    const cel::Value* value = when ? when.program->constant() : nullptr;
    if (value == nullptr || value->kind() != cel::Kind::kBool) {
      return nullptr;
    }
    storage = value->is_true();
    return &storage;
  }

  // The first row that matches counts, so one that can only match where an earlier one does is never
  // reached.
  template <typename Row>
  void CheckRows(std::string_view key, const std::vector<Row>& rows) {
    const Node* list = FindEntry(draft_.root, key);
    if (list == nullptr || list->items.size() != rows.size()) {
      return;
    }
    std::vector<Condition> conditions;
    std::vector<bool> always;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      bool storage = false;
      const bool* constant = ConstantOf(rows[i].when, storage);
      conditions.push_back(rows[i].when ? ParseCondition(rows[i].when.program->text())
                                        : Condition());
      always.push_back(!rows[i].when || (constant != nullptr && *constant));
      if (constant != nullptr && !*constant) {
        Warn(list->items[i], diagnostic_id::kUnreachableRow, "this row never matches",
             "its condition is always false");
        continue;
      }
      for (std::size_t j = 0; j < i; ++j) {
        if (always[j] || Implies(conditions[i], conditions[j])) {
          Warn(list->items[i], diagnostic_id::kUnreachableRow, "this row is never reached",
               "whatever it matches is matched by the row in line " +
                   std::to_string(draft_.file->Locate(list->items[j].span.begin).line) +
                   " already; put the narrower row first, or remove one");
          break;
        }
      }
    }
  }

  // Whether every span of `b` holds the span of `a` that it is about.
  static bool IsWithin(const Limit& a, const Limit& b) {
    if (a.every.has_value() != b.every.has_value()) {
      return false;
    }
    if (!a.every) {
      return a.within <= b.within;
    }
    // Weeks go over the ends of months.
    return *a.every == *b.every || *a.every == Every::kDay ||
           (*a.every != Every::kWeek && *b.every != Every::kWeek && *a.every < *b.every);
  }

  // Whether `b` refuses whatever `a` would refuse.
  static bool IsCovered(const Limit& a, const Limit& b) {
    const bool is_tighter =
        a.amount && b.amount
            ? b.amount->Compare(*a.amount) == std::partial_ordering::less || b.amount == a.amount
            : !a.is_amount() && !b.is_amount() && b.vouchers <= a.vouchers;
    return is_tighter && IsWithin(a, b) && (!b.is_keyed() || a.per_text == b.per_text) &&
           (!b.reporter || a.reporter == b.reporter) &&
           (!b.own_gestures_only || a.own_gestures_only);
  }

  void CheckLimits() {
    const Node* list = FindEntry(draft_.root, "limits");
    if (list == nullptr || list->items.size() != policy_.limits.size()) {
      return;
    }
    for (std::size_t i = 0; i < policy_.limits.size(); ++i) {
      for (std::size_t j = 0; j < policy_.limits.size(); ++j) {
        const bool same = IsCovered(policy_.limits[j], policy_.limits[i]);
        if (i != j && IsCovered(policy_.limits[i], policy_.limits[j]) && !(same && i < j)) {
          Warn(list->items[i], diagnostic_id::kIdleLimit, "this limit never binds",
               "the limit in line " +
                   std::to_string(draft_.file->Locate(list->items[j].span.begin).line) +
                   " always binds before it; remove it, or change one of them");
          break;
        }
      }
    }
  }

  void CheckEffects() {
    const bool apologises =
        std::any_of(policy_.gesture.begin(), policy_.gesture.end(),
                    [](const GestureRow& row) { return row.is_apology(); }) ||
        (policy_.budget && policy_.budget->when_exhausted == WhenExhausted::kApologise);
    if (const Node* fatigue = FindEntry(draft_.root, "fatigue");
        fatigue != nullptr && !apologises) {
      Warn(*fatigue, diagnostic_id::kNoEffect, "'fatigue' has no effect",
           "the policy never apologises without money");
    }
    const Node* review = FindEntry(draft_.root, "review");
    if (const Node* severity = FindEntry(review, "severity");
        severity != nullptr && policy_.review.severity &&
        *policy_.review.severity != kulanz::Severity::kMild &&
        std::none_of(
            policy_.severity.begin(), policy_.severity.end(),
            [this](const SeverityRow& row) { return row.is >= *policy_.review.severity; })) {
      Warn(*severity, diagnostic_id::kNoEffect, "no fault is ever that severe",
           "no row of 'severity' says so");
    }
    const Node* special = FindEntry(FindEntry(draft_.root, "delivery"), "message_by_severity");
    for (std::size_t i = 1; i < kSeverityNames.size(); ++i) {
      const Node* message = FindEntry(special, kSeverityNames.at(i));
      if (message != nullptr && std::none_of(policy_.severity.begin(), policy_.severity.end(),
                                             [i](const SeverityRow& row) {
                                               return row.is == static_cast<kulanz::Severity>(i);
                                             })) {
        Warn(*message, diagnostic_id::kNoEffect, "this message is never sent",
             "no row of 'severity' is " + std::string(kSeverityNames.at(i)));
      }
    }
  }

  const PolicyDraft& draft_;
  const Policy& policy_;
  DiagnosticSink& sink_;
};

}  // namespace

void LintPolicy(const PolicyDraft& draft, DiagnosticSink& sink) { PolicyLint(draft, sink).Run(); }

}  // namespace kulanz::policy
