// The test that `kulanz new test` writes.
#include <algorithm>

#include "service/kulanz/new/templates.h"
#include "service/kulanz/test/run_case.h"
#include "service/policy/incident_type.h"
#include "service/policy/policy.h"

namespace kulanz::command {
namespace {

using policy::AttributeSpec;
using policy::AttributeType;

constexpr std::string_view kOccurredAt = "2026-03-10T12:00:00+01:00";

// A value of the type, as a file of tests writes it.
std::string SampleOf(const AttributeSpec& spec) {
  switch (spec.type) {
    case AttributeType::kString:
      return "something";
    case AttributeType::kEnum:
      return spec.values.front();
    case AttributeType::kInt:
      return "1";
    case AttributeType::kDecimal:
      return "1.5";
    case AttributeType::kMoney: {
      const Currency currency = spec.currency.value_or(*Currency::FromCode("EUR"));
      return Money::FromMinorUnits(5'000, currency)->ToString();
    }
    case AttributeType::kBool:
      return "true";
    case AttributeType::kTimestamp:
      return std::string(kOccurredAt);
    case AttributeType::kDate:
      return "2026-03-10";
    case AttributeType::kDuration:
      return "2h";
    case AttributeType::kList:
      return "[]";
  }
  return "";
}

std::string OrderText(const policy::Policy& policy, const policy::IncidentType& type) {
  if (!type.order.id_required && !type.order.total_required && !type.order.placed_at_required) {
    return "";
  }
  std::string text = "      order: {id: A-1, total: 80.00 " + std::string(policy.currency->code());
  text += type.order.placed_at_required ? ", placed_at: 2026-03-01T12:00:00+01:00" : "";
  return text + "}\n";
}

std::string IncidentText(const policy::Policy& policy, const policy::IncidentType& type) {
  std::string text = "    incident:\n      type: " + type.name +
                     "\n      occurred_at: " + std::string(kOccurredAt) + "\n";
  if (!type.MayBeReportedBy(Reporter::kSystem)) {
    text += type.MayBeReportedBy(Reporter::kAgent) ? "      reporter: agent\n"
                                                   : "      reporter: customer\n";
  }
  text += OrderText(policy, type);
  std::string attributes;
  for (const AttributeSpec& spec : type.attributes) {
    if (spec.required) {
      attributes += "        " + spec.name + ": " + SampleOf(spec) + "\n";
    }
  }
  return text + (attributes.empty() ? "" : "      attributes:\n" + attributes);
}

std::string ExpectText(const Decision& decision) {
  std::string text =
      "    expect:\n      outcome: " + std::string(OutcomeName(decision.outcome)) + "\n";
  text += decision.voucher ? "      amount: " + decision.voucher->amount.ToString() + "\n" : "";
  text += "      reason: " + decision.reason + "\n";
  for (const ShadowDecision& shadow : decision.shadow) {
    const bool gives = shadow.outcome == Outcome::kGranted && shadow.amount;
    text += "      shadow: {" + shadow.policy.text() + ": " +
            (gives ? shadow.amount->ToString() : "nothing") + "}\n";
  }
  return text;
}

// What the policies say to the incident today; nothing when the sample is not a good report.
std::optional<Decision> DecideSample(const policy::PolicySet& policies, const std::string& text) {
  policy::Diagnostics diagnostics;
  const policy::SourceFile file("sample", text);
  const std::optional<TestSuite> suite = ReadTests(file, policies, diagnostics);
  return suite ? std::optional(Answer(policies, suite->cases.back().facts).verdict.decision)
               : std::nullopt;
}

}  // namespace

NewFile NewTest(const policy::PolicySet& policies, const policy::Policy& policy) {
  std::string name = policy.id.text();
  std::replace(name.begin(), name.end(), '-', '_');
  std::string text =
      "# What comes out of an incident today. Change the facts to those that matter, and what is\n"
      "# expected to what you want; then run: kulanz test\n"
      "kulanz: v1\n"
      "tests: " +
      policy.id.text() + "\n\ncases:\n";
  for (const policy::IncidentType* type : policy.incidents) {
    const std::string facts = "  - name: the plain case of " + type->name + "\n" +
                              IncidentText(policy, *type) + "    customer: {orders_completed: 3}\n";
    const std::optional<Decision> decision =
        DecideSample(policies, text + facts + "    expect: {outcome: denied}\n");
    text += facts + (decision ? ExpectText(*decision) : "    expect: {outcome: denied}\n");
  }
  return {.name = "tests/" + name + "_test.yaml", .text = std::move(text)};
}

}  // namespace kulanz::command
