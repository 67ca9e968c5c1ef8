#include "service/policy/policy_reader.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "service/domain/customer.h"
#include "service/policy/diagnostic_ids.h"
#include "service/policy/expression_reader.h"
#include "service/policy/incident_type_reader.h"
#include "service/policy/limit_reader.h"
#include "service/policy/policy_parts.h"
#include "service/policy/row_reader.h"
#include "service/policy/scalars.h"
#include "service/policy/suggest.h"
#include "service/policy/zone_names.h"

namespace kulanz::policy {
namespace {

class PolicyReader {
 public:
  PolicyReader(const FileContext& context, const Node& root, const PolicyReadOptions& options)
      : context_(context),
        options_(options),
        fields_(context, root, "a policy",
                {{"kulanz", Presence::kRequired},
                 {"policy", Presence::kRequired},
                 {"summary", Presence::kRequired},
                 {"department", Presence::kRequired},
                 {"incidents", Presence::kRequired},
                 {"priority"},
                 {"mode"},
                 {"effective"},
                 {"zone", Presence::kRequired},
                 {"currency", Presence::kRequired},
                 {"imports"},
                 {"variables"},
                 {"eligible"},
                 {"exclude"},
                 {"severity"},
                 {"gesture", Presence::kRequired},
                 {"amount"},
                 {"review"},
                 {"once_per"},
                 {"limits"},
                 {"budget"},
                 {"voucher", Presence::kRequired},
                 {"delivery", Presence::kRequired},
                 {"fatigue"},
                 {"holdout"}}) {
    draft_.policy = std::make_unique<Policy>();
    draft_.file = &context.file;
    draft_.root = &root;
    draft_.policy->file = context.file.name();
  }

  PolicyDraft Read() {
    if (fields_.is_map()) {
      CheckVersion(context_, fields_);
      ReadHead();
      ReadIncidents();
      ReadEffective();
      if (options_.incidents_known && types_are_known_) {
        ReadRules();
      }
      if (const Node* delivery = fields_.Find("delivery")) {
        draft_.policy->delivery = ReadDelivery(context_, *delivery, draft_.policy->zone_name);
        draft_.messages.push_back(SpanOf(*delivery, "message"));
        const Node* special = Find(*delivery, "message_by_severity");
        for (const std::string_view severity : kSeverityNames) {
          draft_.messages.push_back(SpanOf(special == nullptr ? *delivery : *special, severity));
        }
        for (const std::string_view name : {"reminder", "feedback"}) {
          const Node* follow_up = Find(*delivery, name);
          draft_.messages.push_back(
              SpanOf(follow_up == nullptr ? *delivery : *follow_up, "message"));
        }
        CheckReminder(*delivery);
        draft_.signed_by = SpanOf(*delivery, "signed_by");
      }
    }
    return std::move(draft_);
  }

 private:
  // One that would be due before its voucher is given is a mistake.
  void CheckReminder(const Node& delivery) {
    const Policy& policy = *draft_.policy;
    const Node* reminder = Find(delivery, "reminder");
    const Node* before = reminder == nullptr ? nullptr : Find(*reminder, "before");
    const int days = policy.voucher.valid_for_days;
    if (before != nullptr && policy.delivery.reminder && days > 0 &&
        policy.delivery.reminder->distance >= std::chrono::hours{24} * days) {
      context_.Error(*before, diagnostic_id::kOutOfRange,
                     "the reminder would come before the voucher",
                     "the voucher is valid for " + std::to_string(days) + "d, so write less");
    }
  }

  static const Node* Find(const Node& map, std::string_view key) {
    const auto found =
        std::find_if(map.entries.begin(), map.entries.end(),
                     [key](const Node::Entry& entry) { return entry.key.text == key; });
    return found == map.entries.end() ? nullptr : &found->value;
  }
  static TextSpan SpanOf(const Node& map, std::string_view key) {
    const Node* found = Find(map, key);
    return found == nullptr ? map.span : found->span;
  }

  void ReadHead() {
    Policy& policy = *draft_.policy;
    if (const Node* id = fields_.Find("policy")) {
      policy.id = PolicyId(ReadName(context_, *id, '-').value_or(""));
      draft_.id = id->span;
    }
    if (const Node* summary = fields_.Find("summary")) {
      policy.summary = ReadText(context_, *summary, kSummaryBytesMax).value_or("");
    }
    if (const Node* department = fields_.Find("department")) {
      policy.department = ReadName(context_, *department, '-').value_or("");
    }
    if (const Node* priority = fields_.Find("priority")) {
      policy.priority = ReadInteger(context_, *priority, 0, kPriorityMax).value_or(0);
    }
    if (const Node* mode = fields_.Find("mode")) {
      policy.mode = static_cast<Mode>(ReadWord(context_, *mode, kModeNames).value_or(0));
    }
    if (const Node* currency = fields_.Find("currency")) {
      policy.currency = ReadCurrency(context_, *currency);
      draft_.currency = currency->span;
    }
    if (const Node* zone = fields_.Find("zone")) {
      ReadZone(*zone);
    }
  }

  void ReadZone(const Node& node) {
    const std::optional<std::string> name = ReadText(context_, node, kTimeZoneBytesMax);
    if (!name) {
      return;
    }
    const std::optional<TimeZone> zone = TimeZone::Load(*name);
    if (!zone) {
      const std::vector<std::string> names = ReadZoneNames();
      const std::vector<std::string_view> known(names.begin(), names.end());
      const std::string hint = DidYouMean(*name, known, "known are");
      context_.Error(node, diagnostic_id::kUnknownZone, "'" + *name + "' is not a time zone",
                     hint.empty() ? "write an IANA name, e.g. Europe/Berlin" : hint);
      return;
    }
    draft_.policy->zone = *zone;
    draft_.policy->zone_name = *name;
  }

  void ReadIncidents() {
    const Node* node = fields_.Find("incidents");
    if (node == nullptr) {
      types_are_known_ = false;
      return;
    }
    const std::vector<Node>& items = Items(context_, *node, "'incidents'", kPolicyIncidentsMax);
    if (node->is_list() && node->items.empty()) {
      context_.Error(*node, diagnostic_id::kEmptyValue, "the policy covers no type of incident",
                     "list at least one, as declared in incidents.yaml");
    }
    types_are_known_ = !items.empty();
    for (const Node& item : items) {
      ReadIncident(item);
    }
  }

  void ReadIncident(const Node& item) {
    const std::optional<std::string> name = ReadName(context_, item, '_');
    types_are_known_ = types_are_known_ && name.has_value();
    if (!name || !options_.incidents_known) {
      return;
    }
    std::vector<std::string_view> known;
    for (const IncidentType& type : options_.types) {
      if (type.name == *name) {
        AddIncident(item, type);
        return;
      }
      known.push_back(type.name);
    }
    types_are_known_ = false;
    context_.Error(item, diagnostic_id::kUnknownIncidentType,
                   "'" + *name + "' is not declared in incidents.yaml",
                   DidYouMean(*name, known, "declared are"));
  }

  void AddIncident(const Node& item, const IncidentType& type) {
    std::vector<const IncidentType*>& incidents = draft_.policy->incidents;
    if (std::find(incidents.begin(), incidents.end(), &type) != incidents.end()) {
      context_.Error(item, diagnostic_id::kDuplicateItem, "'" + type.name + "' is listed twice");
    } else {
      incidents.push_back(&type);
    }
  }

  void ReadEffective() {
    const Node* node = fields_.Find("effective");
    if (node == nullptr) {
      return;
    }
    const Fields fields(context_, *node, "'effective'", {{"from"}, {"until"}});
    Policy& policy = *draft_.policy;
    std::optional<Date> from;
    std::optional<Date> until;
    if (const Node* value = fields.Find("from")) {
      from = ReadDate(context_, *value);
    }
    const Node* end = fields.Find("until");
    if (end != nullptr) {
      until = ReadDate(context_, *end);
    }
    if (from) {
      policy.effective_from = policy.zone.InstantOf(*from);
    }
    if (until) {
      policy.effective_until = policy.zone.InstantOf(*until) - Duration(1);
    }
    if (from && until && *from >= *until) {
      context_.Error(
          *end, diagnostic_id::kEmptyPeriod, "the policy is never in effect",
          "'until' is the first day on which it no longer holds, so it must be after 'from'");
    }
  }

  // Everything with expressions.
  void ReadRules() {
    Policy& policy = *draft_.policy;
    const PolicyInputs& inputs = options_.inputs.For(policy.incidents, policy.zone);
    for (const AttributeConflict& conflict : inputs.conflicts) {
      context_.Error(
          *fields_.Find("incidents"), diagnostic_id::kAttributeConflict,
          "'" + conflict.attribute + "' is " + conflict.first + " and " + conflict.second,
          "give it one type in incidents.yaml, or write one policy for each");
    }
    ExpressionReader expressions(context_, inputs, options_.first_variable, policy.currency);
    if (const Node* imports = fields_.Find("imports")) {
      ReadImports(expressions, *imports);
    }
    if (const Node* variables = fields_.Find("variables")) {
      expressions.ReadVariables(*variables);
    }
    // Everything below is only evaluated for those who are eligible.
    eligible_ = fields_.Find("eligible");
    if (eligible_ != nullptr) {
      policy.eligible = expressions.Condition(*eligible_);
    }
    if (const Node* exclude = fields_.Find("exclude")) {
      policy.exclude = ReadExclusions(context_, expressions, *exclude, eligible_);
    }
    if (const Node* severity = fields_.Find("severity")) {
      policy.severity = ReadSeverity(context_, expressions, *severity, eligible_);
    }
    if (const Node* gesture = fields_.Find("gesture")) {
      policy.gesture = ReadGesture(context_, expressions, *gesture, eligible_);
    }
    if (const Node* once_per = fields_.Find("once_per")) {
      policy.once_per = expressions.Text(*once_per, {eligible_});
    }
    ReadParts(expressions);
    policy.variables = expressions.TakeVariables();
  }

  void ReadImports(ExpressionReader& expressions, const Node& node) {
    for (const Node& item : Items(context_, node, "'imports'", kImportsMax)) {
      const std::optional<std::string> name = ReadName(context_, item, '-');
      if (!name) {
        continue;
      }
      if (std::find(draft_.imports.begin(), draft_.imports.end(), *name) != draft_.imports.end()) {
        context_.Error(item, diagnostic_id::kDuplicateItem, "'" + *name + "' is listed twice");
        continue;
      }
      draft_.imports.push_back(*name);
      Import(expressions, item, *name);
    }
  }

  void Import(ExpressionReader& expressions, const Node& item, const std::string& name) {
    const auto shared =
        std::find_if(options_.shared.begin(), options_.shared.end(),
                     [&name](const SharedVariables& one) { return one.name == name; });
    if (shared == options_.shared.end()) {
      std::vector<std::string_view> known;
      for (const SharedVariables& one : options_.shared) {
        known.push_back(one.name);
      }
      context_.Error(item, diagnostic_id::kUnknownShared,
                     "there is no file of shared variables called '" + name + "'",
                     known.empty() ? "write shared/" + name + ".yaml with 'shared: " + name + "'"
                                   : DidYouMean(name, known, "there are"));
    } else if (shared->variables != nullptr) {
      expressions.ImportVariables({.file = *shared->file, .sink = context_.sink},
                                  *shared->variables);
    }
  }

  void ReadParts(const ExpressionReader& expressions) {
    Policy& policy = *draft_.policy;
    if (const Node* amount = fields_.Find("amount")) {
      policy.amount = ReadAmountRule(context_, expressions, *amount, eligible_);
    }
    if (const Node* limits = fields_.Find("limits")) {
      policy.limits = ReadLimits(context_, expressions, *limits, eligible_);
    }
    if (const Node* review = fields_.Find("review")) {
      policy.review = ReadReview(context_, expressions, *review);
    }
    if (const Node* fatigue = fields_.Find("fatigue")) {
      policy.fatigue = ReadFatigue(context_, *fatigue);
    }
    if (const Node* holdout = fields_.Find("holdout")) {
      policy.holdout = expressions.FixedShare(*holdout, "'holdout'");
    }
    if (const Node* budget = fields_.Find("budget")) {
      policy.budget = ReadBudget(context_, expressions, *budget);
      draft_.budget = budget->is_map() ? SpanOf(*budget, "name") : budget->span;
    }
    if (const Node* voucher = fields_.Find("voucher")) {
      policy.voucher = ReadVoucher(context_, expressions, *voucher);
    }
  }

  const FileContext& context_;
  const PolicyReadOptions& options_;
  Fields fields_;
  PolicyDraft draft_;
  const Node* eligible_ = nullptr;
  bool types_are_known_ = true;
};

}  // namespace

PolicyDraft ReadPolicy(const FileContext& context, const Node& root,
                       const PolicyReadOptions& options) {
  return PolicyReader(context, root, options).Read();
}

}  // namespace kulanz::policy
