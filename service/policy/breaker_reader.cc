#include "service/policy/breaker_reader.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "service/cel/environment.h"
#include "service/cel/program.h"
#include "service/policy/diagnostic_ids.h"
#include "service/policy/scalars.h"
#include "service/policy/suggest.h"
#include "service/policy/yaml_offsets.h"

namespace kulanz::policy {
namespace {

class BreakerReader {
 public:
  BreakerReader(const FileContext& context, const Node& node, const BreakerNames& names)
      : context_(context),
        node_(node),
        names_(names),
        fields_(context, node, "a breaker",
                {{"type"},
                 {"policy"},
                 {"each"},
                 {"gestures"},
                 {"amount"},
                 {"within", Presence::kRequired}}) {}

  void ReadInto(Breakers& breakers) {
    if (!fields_.is_map()) {
      return;
    }
    const std::optional<std::pair<BreakerScope, std::string>> what = ReadWhat();
    const std::optional<BreakerRule> rule = ReadRule();
    if (what && rule && !breakers.Add(what->first, what->second, *rule)) {
      context_.Error(node_, diagnostic_id::kDuplicateItem, "there is a breaker for the same above",
                     "give it both 'gestures' and 'amount'");
    }
  }

 private:
  std::optional<std::pair<BreakerScope, std::string>> ReadWhat() {
    const Node* type = fields_.Find("type");
    const Node* policy = fields_.Find("policy");
    const Node* each = fields_.Find("each");
    const int given =
        (type != nullptr ? 1 : 0) + (policy != nullptr ? 1 : 0) + (each != nullptr ? 1 : 0);
    if (given != 1) {
      context_.Error(
          node_, diagnostic_id::kBadLimit,
          "a breaker has exactly one of 'type', 'policy' and 'each'",
          "type: late_delivery; or each: type for all types that have none of their own");
      return std::nullopt;
    }
    if (each != nullptr) {
      static constexpr std::array<std::string_view, 2> kEach = {"type", "policy"};
      const auto word = ReadWord(context_, *each, kEach);
      return word ? std::optional(std::pair(static_cast<BreakerScope>(*word), std::string()))
                  : std::nullopt;
    }
    return type != nullptr ? ReadType(*type) : ReadPolicyId(*policy);
  }

  std::optional<std::pair<BreakerScope, std::string>> ReadType(const Node& node) {
    const auto name = ReadName(context_, node, '_');
    std::vector<std::string_view> known;
    for (const IncidentType& type : names_.types) {
      known.push_back(type.name);
    }
    if (!name || !IsKnown(node, *name, known, names_.incidents_known,
                          diagnostic_id::kUnknownIncidentType, "incident type")) {
      return std::nullopt;
    }
    return std::pair(BreakerScope::kType, *name);
  }

  std::optional<std::pair<BreakerScope, std::string>> ReadPolicyId(const Node& node) {
    const auto name = ReadName(context_, node, '-');
    std::vector<std::string_view> known;
    for (const PolicyDraft& draft : names_.drafts) {
      known.push_back(draft.policy->id.text());
    }
    if (!name || !IsKnown(node, *name, known, true, diagnostic_id::kUnknownWord, "policy")) {
      return std::nullopt;
    }
    return std::pair(BreakerScope::kPolicy, *name);
  }

  bool IsKnown(const Node& node, const std::string& name,
               const std::vector<std::string_view>& known, bool is_checked, std::string_view id,
               const std::string& what) const {
    for (const std::string_view one : known) {
      if (one == name) {
        return true;
      }
    }
    if (is_checked) {
      context_.Error(node, id, "there is no " + what + " '" + name + "'",
                     DidYouMean(name, known, "known"));
    }
    return false;
  }

  std::optional<BreakerRule> ReadRule() {
    const Node* gestures = fields_.Find("gestures");
    const Node* amount = fields_.Find("amount");
    const Node* within = fields_.Find("within");
    if (gestures == nullptr && amount == nullptr) {
      context_.Error(
          node_, diagnostic_id::kBadLimit, "a breaker needs 'gestures', 'amount' or both",
          "gestures: 500 counts vouchers and letters, amount: eur(5000.00) sums them up");
      return std::nullopt;
    }
    BreakerRule rule;
    bool is_whole = within != nullptr;
    if (within != nullptr) {
      const auto read =
          ReadDuration(context_, *within, {.min = kBreakerWithinMin, .max = kBreakerWithinMax});
      rule.within = read.value_or(Duration(0));
      is_whole = is_whole && read.has_value();
    }
    if (gestures != nullptr) {
      rule.gestures = ReadInteger(context_, *gestures, 1, kBreakerGesturesMax);
      is_whole = is_whole && rule.gestures.has_value();
    }
    if (amount != nullptr) {
      rule.amount = ReadAmount(*amount);
      is_whole = is_whole && rule.amount.has_value();
    }
    return is_whole ? std::optional(rule) : std::nullopt;
  }

  std::optional<Money> ReadAmount(const Node& node) const {
    const std::optional<std::string> text = ReadRaw(context_, node);
    if (!text) {
      return std::nullopt;
    }
    static const cel::Environment kNoInputs(cel::Mode::kPolicy);
    const cel::CompileResult compiled = cel::Compile(*text, kNoInputs, {});
    for (const cel::Diagnostic& diagnostic : compiled.diagnostics) {
      context_.sink.Add(context_.file, LocateInScalar(context_.file, node, diagnostic.span),
                        diagnostic.id, diagnostic.message, diagnostic.hint, diagnostic.severity);
    }
    if (!compiled.ok()) {
      return std::nullopt;
    }
    const cel::Value* value = compiled.program->constant();
    if (value == nullptr || value->kind() != cel::Kind::kMoney) {
      context_.Error(node, diagnostic_id::kNotConstant,
                     "the breaker's amount must be a fixed amount", "write e.g. eur(5000.00)");
      return std::nullopt;
    }
    const ExactMoney exact = value->as_money();
    const std::optional<Money> money = exact.ToMoney(Rounding::kDown);
    if (!money || ExactMoney(*money).amount != exact.amount) {
      context_.Error(node, diagnostic_id::kNotWholeMinorUnits,
                     "the breaker's amount, " + exact.ToString() + ", cannot be paid exactly");
      return std::nullopt;
    }
    if (money->is_zero() || money->is_negative()) {
      context_.Error(node, diagnostic_id::kNotPositive,
                     "the breaker's amount must be more than nothing");
      return std::nullopt;
    }
    return money;
  }

  const FileContext& context_;
  const Node& node_;
  const BreakerNames& names_;
  Fields fields_;
};

}  // namespace

Breakers ReadBreakers(const FileContext& context, const Node& root, const BreakerNames& names) {
  Breakers breakers;
  const Node* node = nullptr;
  if (root.is_map()) {
    for (const Node::Entry& entry : root.entries) {
      node = entry.key.text == "breakers" ? &entry.value : node;
    }
  }
  if (node != nullptr && !node->is_null()) {  // without a value: reported already
    for (const Node& item : Items(context, *node, "'breakers'", kBreakersMax)) {
      BreakerReader(context, item, names).ReadInto(breakers);
    }
  }
  return breakers;
}

}  // namespace kulanz::policy
