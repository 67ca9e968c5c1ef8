#include "service/policy/row_reader.h"

#include <algorithm>
#include <string>
#include <utility>

#include "service/domain/decision.h"
#include "service/policy/diagnostic_ids.h"
#include "service/policy/scalars.h"

namespace kulanz::policy {
namespace {

std::string ReadExclusionReason(const FileContext& context, const Node& node) {
  std::string text = ReadReason(context, node).value_or("");
  if (std::find(reason::kAll.begin(), reason::kAll.end(), text) != reason::kAll.end()) {
    context.Error(node, diagnostic_id::kReservedName,
                  "'" + text + "' is a reason that Kulanz gives by itself",
                  "choose one that says what this exclusion is about");
  }
  return text;
}

GestureRow ReadGestureRow(const FileContext& context, const ExpressionReader& expressions,
                          const Node& node, const Node* eligible) {
  const Fields fields(context, node, "a gesture row", {{"when"}, {"amount"}, {"apologise"}});
  GestureRow row;
  if (!fields.is_map()) {
    return row;
  }
  const Node* when = fields.Find("when");
  if (when != nullptr) {
    row.when = expressions.Condition(*when, {eligible});
  }
  const Node* amount = fields.Find("amount");
  const Node* apologise = fields.Find("apologise");
  if ((amount == nullptr) == (apologise == nullptr)) {
    context.Error(node, diagnostic_id::kBadRow,
                  amount == nullptr ? "a gesture row needs either 'amount' or 'apologise'"
                                    : "a gesture row has either 'amount' or 'apologise'",
                  "apologise: true is a letter without money");
  } else if (amount != nullptr) {
    row.amount = expressions.Amount(*amount, {eligible, when});
    expressions.FixedAmount(*amount, row.amount, "the amount");
  } else if (ReadBoolean(context, *apologise) == false) {
    context.Error(*apologise, diagnostic_id::kBadRow, "a row that gives nothing says nothing",
                  "write apologise: true, or remove the row");
  }
  return row;
}

}  // namespace

std::vector<Exclusion> ReadExclusions(const FileContext& context,
                                      const ExpressionReader& expressions, const Node& node,
                                      const Node* eligible) {
  std::vector<Exclusion> exclusions;
  for (const Node& item : Items(context, node, "'exclude'", kExclusionsMax)) {
    const Fields fields(context, item, "an exclusion",
                        {{"when", Presence::kRequired}, {"reason", Presence::kRequired}});
    Exclusion exclusion;
    if (const Node* when = fields.Find("when")) {
      exclusion.when = expressions.Condition(*when, {eligible});
    }
    if (const Node* reason = fields.Find("reason")) {
      exclusion.reason = ReadExclusionReason(context, *reason);
    }
    exclusions.push_back(std::move(exclusion));
  }
  return exclusions;
}

std::vector<SeverityRow> ReadSeverity(const FileContext& context,
                                      const ExpressionReader& expressions, const Node& node,
                                      const Node* eligible) {
  std::vector<SeverityRow> rows;
  for (const Node& item : Items(context, node, "'severity'", kSeverityRowsMax)) {
    const Fields fields(context, item, "a severity row", {{"when"}, {"is", Presence::kRequired}});
    SeverityRow row;
    if (const Node* when = fields.Find("when")) {
      row.when = expressions.Condition(*when, {eligible});
    }
    if (const Node* is = fields.Find("is")) {
      row.is = static_cast<kulanz::Severity>(ReadWord(context, *is, kSeverityNames).value_or(0));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<GestureRow> ReadGesture(const FileContext& context, const ExpressionReader& expressions,
                                    const Node& node, const Node* eligible) {
  std::vector<GestureRow> rows;
  const std::vector<Node>& items = Items(context, node, "'gesture'", kGestureRowsMax);
  if (node.is_list() && node.items.empty()) {
    context.Error(node, diagnostic_id::kEmptyValue, "the policy gives nothing",
                  "write at least one row: {when: ..., amount: ...}");
  }
  for (const Node& item : items) {
    rows.push_back(ReadGestureRow(context, expressions, item, eligible));
  }
  return rows;
}

}  // namespace kulanz::policy
