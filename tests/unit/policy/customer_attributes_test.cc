// customers.yaml: what it declares, and the texts that are values of it.
#include "service/policy/customer_attributes.h"

#include <gtest/gtest.h>

#include <string>

#include "service/policy/loader.h"
#include "service/policy/policy_set.h"

namespace kulanz::policy {
namespace {

constexpr const char* kCustomers = R"(kulanz: v1
attributes:
  day: {type: date}
  fee: {type: money, currency: EUR}
  flag: {type: bool}
  kind: {type: enum, values: [domestic, business]}
  name: {type: string, max_length: 3}
  number: {type: int}
  share: {type: decimal}
  since: {type: timestamp}
  span: {type: duration}
)";

class CustomerAttributesTest : public ::testing::Test {
 protected:
  CustomerAttributesTest() {
    PolicyFiles files;
    files.files.push_back({.name = "incidents.yaml", .text = "kulanz: v1\nincidents: {}\n"});
    files.files.push_back({.name = "customers.yaml", .text = kCustomers});
    policies_ = LoadPolicySet(files).policies;
  }
  std::string Say(const std::string& name, const std::string& text) const {
    Customer customer;
    customer.attributes[name] = text;
    Violations violations;
    ValidateCustomer(*policies_, customer, violations);
    return violations.empty() ? "" : violations[0].field + ": " + violations[0].description;
  }

  std::shared_ptr<const PolicySet> policies_;
};

TEST_F(CustomerAttributesTest, TextsOfTheDeclaredTypeAreValues) {
  ASSERT_NE(policies_, nullptr);
  for (const auto& [name, text] : {std::pair("day", "2026-03-01"),
                                   {"fee", "39.99 EUR"},
                                   {"flag", "true"},
                                   {"flag", "false"},
                                   {"kind", "business"},
                                   {"name", "abc"},
                                   {"number", "-365"},
                                   {"share", "0.125"},
                                   {"since", "2026-03-01T12:00:00+01:00"},
                                   {"span", "1h30m"},
                                   {"undeclared", "anything"}}) {
    EXPECT_EQ(Say(name, text), "") << name << ": " << text;
  }
}

TEST_F(CustomerAttributesTest, OtherTextsAreViolations) {
  for (const auto& [name, text] : {std::pair("day", "01.03.2026"),
                                   {"fee", "39.99"},
                                   {"fee", "39.99 CHF"},
                                   {"fee", "dear"},
                                   {"flag", "yes"},
                                   {"kind", "Business"},
                                   {"name", "abcd"},
                                   {"number", "365 days"},
                                   {"number", ""},
                                   {"number", "9223372036854775808"},
                                   {"share", "1/8"},
                                   {"since", "2026-03-01"},
                                   {"span", "90 minutes"}}) {
    EXPECT_NE(Say(name, text), "") << name << ": " << text;
  }
  EXPECT_EQ(Say("fee", "39.99"), "customer.attributes[\"fee\"]: is no value of type money");
}

}  // namespace
}  // namespace kulanz::policy
