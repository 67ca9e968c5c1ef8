// TestSuite: what a file *_test.yaml says: incidents, and what must come out.
//
//   kulanz: v1
//   tests: late delivery
//   defaults: {incident: {type: late_delivery, ...}}        merged into each case, key by key
//   cases:
//     - {name: three days late, incident: {...}, expect: {outcome: granted, amount: 8.00 EUR}}
//
// rules/README.md has every key. Thread-safety: plain values; ReadTests is thread-safe.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "service/domain/customer.h"
#include "service/domain/decision.h"
#include "service/domain/history.h"
#include "service/domain/incident.h"
#include "service/policy/diagnostic.h"
#include "service/policy/fields.h"
#include "service/policy/policy_set.h"

namespace kulanz::command {

// What is left of a budget in the incident's period; nothing: it is exhausted.
struct BudgetLeft {
  std::string name;
  std::optional<Money> left;
};

// What goes into a decision.
struct CaseFacts {
  Instant now{};
  Incident incident;
  Customer customer;
  History history;
  std::optional<Money> given_before;
  std::vector<BudgetLeft> budgets;
};

// What must come out; what is not there may be anything.
struct Expectation {
  Outcome outcome = Outcome::kDenied;
  std::optional<Money> amount;
  std::optional<PolicyId> policy;
  std::optional<std::string> reason;
  std::optional<std::string> message;
  std::optional<Severity> severity;
  std::optional<Date> valid_until;
  std::vector<std::pair<std::string, std::string>> vars;          // as the file writes the values
  std::vector<std::pair<PolicyId, std::optional<Money>>> shadow;  // nothing: no grant
};

struct TestCase {
  std::string name;
  int line = 0;
  CaseFacts facts;
  Expectation expect;
};

struct TestSuite {
  std::string file;  // as the user named it
  std::string name;
  std::vector<TestCase> cases;
};

inline constexpr std::size_t kTestCasesMax = 10'000;
inline constexpr std::size_t kTestNameBytesMax = 200;
inline constexpr std::size_t kPolicyNamesMax = 2'000;  // as many as a set has files

// Reads a file of tests against the policy set that it is for. Nothing when anything is wrong; everything
// that is, is in `diagnostics` then.
std::optional<TestSuite> ReadTests(const policy::SourceFile& file,
                                   const policy::PolicySet& policies,
                                   policy::Diagnostics& diagnostics);

// The facts of one case: {now, incident, customer, history, given_before, budgets}. Nothing after a mistake,
// which is reported.
std::optional<CaseFacts> ReadCaseFacts(const policy::FileContext& context, const policy::Node& node,
                                       const policy::PolicySet& policies);

// The case `name` of a file of tests, with its defaults; nothing after a mistake, or when there is no
// such case, which is reported.
std::optional<TestCase> FindCase(const policy::SourceFile& file, std::string_view name,
                                 const policy::PolicySet& policies,
                                 policy::Diagnostics& diagnostics);

}  // namespace kulanz::command
