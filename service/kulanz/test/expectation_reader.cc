#include "service/kulanz/test/expectation_reader.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "service/kulanz/diagnostic_ids.h"
#include "service/kulanz/test/facts_reader.h"
#include "service/kulanz/test/values.h"
#include "service/policy/diagnostic_ids.h"
#include "service/policy/policy.h"
#include "service/policy/scalars.h"
#include "service/policy/suggest.h"

namespace kulanz::command {
namespace {

using policy::Fields;
using policy::FileContext;
using policy::Node;

constexpr std::array<std::string_view, 4> kOutcomes = {"granted", "denied", "review", "apologised"};
constexpr std::array<std::string_view, 3> kSeverities = {"mild", "serious", "severe"};

// A reason that no decision of the set can have is a slip of the pen, and the case would never pass.
std::optional<std::string> ReadKnownReason(const FileContext& context, const Node& node,
                                           const policy::PolicySet& policies) {
  std::optional<std::string> text = policy::ReadReason(context, node);
  if (!text) {
    return std::nullopt;
  }
  std::vector<std::string_view> known(reason::kAll.begin(), reason::kAll.end());
  for (const auto& policy : policies.policies()) {
    for (const policy::Exclusion& exclusion : policy->exclude) {
      known.push_back(exclusion.reason);
    }
  }
  if (std::find(known.begin(), known.end(), *text) == known.end()) {
    context.Error(node, diagnostic_id::kUnknownReason,
                  "no policy denies with '" + *text + "', and Kulanz does not either",
                  policy::DidYouMean(*text, known, "reasons are"));
    return std::nullopt;
  }
  return text;
}

// The variables of all policies: which one answers is not known yet.
void ReadVars(const FileContext& context, const Node& node, const policy::PolicySet& policies,
              Expectation& expect) {
  std::set<std::string_view> names;
  for (const auto& policy : policies.policies()) {
    for (const policy::Variable& variable : policy->variables) {
      names.insert(variable.name);
    }
  }
  const std::vector<std::string_view> known(names.begin(), names.end());
  for (const Node::Entry& entry : Entries(context, node, "'vars'", policy::kVariablesMax)) {
    if (names.find(entry.key.text) == names.end()) {
      context.Error(entry.key, diagnostic_id::kUnknownVariable,
                    "no policy has a variable '" + entry.key.text + "'",
                    policy::DidYouMean(entry.key.text, known, "variables are"));
    } else if (const auto text = policy::ReadRaw(context, entry.value)) {
      expect.vars.emplace_back(entry.key.text, *text);
    }
  }
}

void ReadShadow(const FileContext& context, const Node& node, const policy::PolicySet& policies,
                Expectation& expect) {
  for (const Node::Entry& entry : Entries(context, node, "'shadow'", kPolicyNamesMax)) {
    const std::optional<PolicyId> policy = ReadPolicyId(context, entry.key, policies);
    std::optional<Money> amount;
    if (!entry.value.is_scalar() || entry.value.text != "nothing") {
      amount = ReadMoney(context, entry.value);
    }
    if (policy) {
      expect.shadow.emplace_back(*policy, amount);
    }
  }
}

}  // namespace

Expectation ReadExpectation(const FileContext& context, const Node& node,
                            const policy::PolicySet& policies) {
  const Fields fields(context, node, "'expect'",
                      {{"outcome", policy::Presence::kRequired},
                       {"amount"},
                       {"policy"},
                       {"reason"},
                       {"message"},
                       {"severity"},
                       {"valid_until"},
                       {"vars"},
                       {"shadow"}});
  Expectation expect;
  if (const Node* it = fields.Find("outcome")) {
    if (const auto index = policy::ReadWord(context, *it, kOutcomes)) {
      expect.outcome = static_cast<Outcome>(*index);
    }
  }
  if (const Node* it = fields.Find("amount")) {
    expect.amount = ReadMoney(context, *it);
  }
  if (const Node* it = fields.Find("policy")) {
    expect.policy = ReadPolicyId(context, *it, policies);
  }
  if (const Node* it = fields.Find("reason")) {
    expect.reason = ReadKnownReason(context, *it, policies);
  }
  if (const Node* it = fields.Find("message")) {
    expect.message = policy::ReadName(context, *it, '-');
  }
  if (const Node* it = fields.Find("severity")) {
    if (const auto index = policy::ReadWord(context, *it, kSeverities)) {
      expect.severity = static_cast<Severity>(*index);
    }
  }
  if (const Node* it = fields.Find("valid_until")) {
    expect.valid_until = policy::ReadDate(context, *it);
  }
  if (const Node* it = fields.Find("vars")) {
    ReadVars(context, *it, policies, expect);
  }
  if (const Node* it = fields.Find("shadow")) {
    ReadShadow(context, *it, policies, expect);
  }
  return expect;
}

}  // namespace kulanz::command
