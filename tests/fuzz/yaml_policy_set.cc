// Any bytes as a policy set of several files ("--- file <name>" lines begin a file): loading gives a set
// or its problems, the same ones each time; a set that loads decides an incident without a crash.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "service/base/check.h"
#include "service/engine/decide.h"
#include "service/policy/incident_type.h"
#include "service/policy/loader.h"

namespace {

using namespace kulanz;  // NOLINT(google-build-using-namespace): the subject of this program

constexpr std::string_view kFileMark = "--- file ";

policy::PolicyFiles Split(std::string_view text) {
  policy::PolicyFiles files;
  files.messages = {"late-delivery"};
  while (!text.empty()) {
    const std::size_t mark = text.find(kFileMark);
    if (mark == std::string_view::npos) {
      break;
    }
    text.remove_prefix(mark + kFileMark.size());
    const std::size_t name_end = std::min(text.find('\n'), text.size());
    std::string name(text.substr(0, name_end));
    text.remove_prefix(std::min(name_end + 1, text.size()));
    files.files.push_back(
        {.name = std::move(name), .text = std::string(text.substr(0, text.find(kFileMark)))});
  }
  return files;
}

AttributeScalar ExampleScalar(policy::AttributeType type, const policy::AttributeSpec& spec) {
  using policy::AttributeType;
  switch (type) {
    case AttributeType::kString:
      return std::string("x");
    case AttributeType::kEnum:
      return spec.values.empty() ? std::string("x") : spec.values.front();
    case AttributeType::kInt:
      return std::int64_t{3};
    case AttributeType::kDecimal:
      return Decimal(3);
    case AttributeType::kMoney:
      return Money::Zero(spec.currency.value_or(*Currency::FromCode("EUR")));
    case AttributeType::kBool:
      return true;
    case AttributeType::kTimestamp:
      return InstantFromMillis(1'780'000'000'000);
    case AttributeType::kDate:
      return Date(std::chrono::days(20'000));
    case AttributeType::kDuration:
      return Duration(3'600'000);
    case AttributeType::kList:
      break;
  }
  return false;
}

AttributeValue Example(const policy::AttributeSpec& spec) {
  if (spec.type != policy::AttributeType::kList) {
    return std::visit([](const auto& value) { return AttributeValue(value); },
                      ExampleScalar(spec.type, spec));
  }
  if (spec.fields.empty()) {
    return AttributeList{ExampleScalar(spec.item_type, spec)};
  }
  AttributeRecord record;
  for (const policy::AttributeSpec& field : spec.fields) {
    record.emplace(field.name, ExampleScalar(field.type, field));
  }
  return AttributeRecordList{record};
}

void DecideEachType(const policy::PolicySet& policies) {
  for (const std::string_view name : policies.IncidentTypeNames()) {
    const policy::IncidentType* type = policies.FindIncidentType(name);
    for (const bool with_optional : {false, true}) {
      Incident incident;
      incident.id = IncidentId("i");
      incident.type = name;
      incident.occurred_at = InstantFromMillis(1'780'100'000'000);
      incident.order = Order{.id = OrderId("o"), .total = {}, .placed_at = {}};
      for (const policy::AttributeSpec& spec : type->attributes) {
        if (spec.required || with_optional) {
          incident.attributes.emplace(spec.name, Example(spec));
        }
      }
      const Customer customer;
      const History history;
      engine::Explanation explanation;
      const engine::Verdict verdict =
          engine::DecideAndExplain(policies,
                                   {.incident = incident,
                                    .customer = customer,
                                    .history = history,
                                    .exhausted = {},
                                    .now = InstantFromMillis(1'780'200'000'000)},
                                   explanation);
      KULANZ_CHECK(!verdict.decision.reason.empty(), "every decision has a reason");
      KULANZ_CHECK(
          (verdict.decision.outcome == Outcome::kGranted) == verdict.decision.voucher.has_value(),
          "a grant has a voucher, nothing else has");
      KULANZ_CHECK(verdict.decision.delivery.has_value() ==
                       (verdict.decision.outcome == Outcome::kGranted ||
                        verdict.decision.outcome == Outcome::kApologised),
                   "a grant and an apology have a letter, nothing else has");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes as bytes.
  const policy::PolicyFiles files = Split({reinterpret_cast<const char*>(data), size});
  const policy::LoadResult result = policy::LoadPolicySet(files);
  KULANZ_CHECK(result.ok() == !policy::HasErrors(result.diagnostics), "a set or its problems");
  KULANZ_CHECK(policy::Render(policy::LoadPolicySet(files).diagnostics) ==
                   policy::Render(result.diagnostics),
               "the same files always have the same problems");
  if (result.ok()) {
    DecideEachType(*result.policies);
  }
  return 0;
}
