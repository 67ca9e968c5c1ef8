#include "service/kulanz/test/test_file.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "service/kulanz/diagnostic_ids.h"
#include "service/kulanz/test/expectation_reader.h"
#include "service/kulanz/test/facts_reader.h"
#include "service/kulanz/test/values.h"
#include "service/policy/diagnostic_ids.h"
#include "service/policy/policy.h"
#include "service/policy/scalars.h"
#include "service/policy/suggest.h"
#include "service/policy/yaml_reader.h"

namespace kulanz::command {
namespace {

using policy::Diagnostic;
using policy::DiagnosticSink;
using policy::Fields;
using policy::FileContext;
using policy::Node;
using policy::Presence;

// `over` on top of `base`: mappings key by key, everything else as a whole.
Node Merge(const Node& base, const Node& over) {
  if (!base.is_map() || !over.is_map()) {
    return over;
  }
  Node merged = over;
  for (const Node::Entry& entry : base.entries) {
    const auto same = std::find_if(
        merged.entries.begin(), merged.entries.end(),
        [&entry](const Node::Entry& candidate) { return candidate.key.text == entry.key.text; });
    if (same == merged.entries.end()) {
      merged.entries.push_back(entry);
    } else {
      same->value = Merge(entry.value, same->value);
    }
  }
  return merged;
}

std::vector<BudgetLeft> ReadBudgets(const FileContext& context, const Node& node,
                                    const policy::PolicySet& policies) {
  // Policies that share a budget agree on its currency.
  std::map<std::string_view, Currency> currencies;
  std::vector<std::string_view> known;
  for (const auto& policy : policies.policies()) {
    if (policy->budget &&
        currencies.emplace(policy->budget->name, policy->budget->amount.currency()).second) {
      known.push_back(policy->budget->name);
    }
  }
  std::vector<BudgetLeft> budgets;
  for (const Node::Entry& entry : Entries(context, node, "'budgets'", kPolicyNamesMax)) {
    const auto currency = currencies.find(entry.key.text);
    if (currency == currencies.end()) {
      context.Error(entry.key, diagnostic_id::kUnknownBudget,
                    "no policy has a budget '" + entry.key.text + "'",
                    policy::DidYouMean(entry.key.text, known, "budgets are"));
    } else if (entry.value.is_scalar() && entry.value.text == "exhausted") {
      budgets.push_back({.name = entry.key.text, .left = std::nullopt});
    } else if (const auto left = ReadMoney(context, entry.value);
               left && left->currency() != currency->second) {
      context.Error(entry.value, diagnostic_id::kBadMoney,
                    "the budget '" + entry.key.text + "' is in " +
                        std::string(currency->second.code()) + ", not in " +
                        std::string(left->currency().code()));
    } else if (left) {
      budgets.push_back({.name = entry.key.text, .left = left});
    }
  }
  return budgets;
}

// The parts of a case besides its name and what is expected.
CaseFacts ReadFacts(const FileContext& context, const Fields& fields,
                    const policy::PolicySet& policies) {
  const FactsReader reader(policies, context);
  CaseFacts facts;
  if (const Node* node = fields.Find("incident")) {
    if (auto incident = reader.ReadIncident(*node)) {
      facts.incident = *std::move(incident);
    }
  }
  facts.customer.id = CustomerId("customer");
  if (const Node* node = fields.Find("customer")) {
    facts.customer = reader.ReadCustomer(*node);
  }
  facts.incident.customer = facts.customer.id;
  facts.now = facts.incident.occurred_at;
  if (const Node* node = fields.Find("now")) {
    facts.now = ReadInstant(context, *node).value_or(facts.now);
  }
  if (const Node* node = fields.Find("history")) {
    facts.history = reader.ReadHistory(*node);
  }
  if (const Node* node = fields.Find("given_before")) {
    facts.given_before = ReadMoney(context, *node);
  }
  if (const Node* node = fields.Find("budgets")) {
    facts.budgets = ReadBudgets(context, *node, policies);
  }
  return facts;
}

// Reads one file; what defaults have wrong is found again in each case, and told once.
class SuiteReader {
 public:
  SuiteReader(const policy::SourceFile& file, const policy::PolicySet& policies)
      : file_(file), policies_(policies) {}

  // `only`: the name of the one case that is wanted; empty: all.
  std::optional<TestSuite> Read(std::string_view only) {
    DiagnosticSink sink;
    const std::optional<Node> root = policy::ReadYaml(file_, sink);
    TestSuite suite;
    suite.file = file_.name();
    if (root) {
      ReadRoot({file_, sink}, *root, only, suite);
    }
    Keep(sink.Take());
    return found_.empty() ? std::optional(std::move(suite)) : std::nullopt;
  }

  policy::Diagnostics Take() {
    policy::Diagnostics all;
    for (auto& [key, diagnostic] : found_) {
      all.push_back(std::move(diagnostic));
    }
    return all;
  }

 private:
  void ReadRoot(const FileContext& context, const Node& root, std::string_view only,
                TestSuite& suite) {
    const Fields fields(context, root, "a file of tests",
                        {{"kulanz", Presence::kRequired},
                         {"tests", Presence::kRequired},
                         {"defaults"},
                         {"cases", Presence::kRequired}});
    if (const Node* version = fields.Find("kulanz"); version != nullptr && version->text != "v1") {
      context.Error(*version, policy::diagnostic_id::kUnknownVersion,
                    "this Kulanz reads version v1 of the language");
    }
    if (const Node* name = fields.Find("tests")) {
      suite.name = policy::ReadText(context, *name, kTestNameBytesMax).value_or("");
    }
    Node defaults;
    defaults.kind = Node::Kind::kMap;
    if (const Node* node = fields.Find("defaults")) {
      const Fields known(context, *node, "'defaults'",
                         {{"now"},
                          {"incident"},
                          {"customer"},
                          {"history"},
                          {"given_before"},
                          {"budgets"},
                          {"expect"}});
      defaults = known.is_map() ? *node : defaults;
    }
    const Node* const cases = fields.Find("cases");
    if (cases == nullptr) {
      return;
    }
    for (const Node& item : policy::Items(context, *cases, "'cases'", kTestCasesMax)) {
      ReadCase(item, Merge(defaults, item), only, suite);
    }
    if (cases->is_list() && cases->items.empty()) {
      context.Error(*cases, policy::diagnostic_id::kEmptyValue, "there is no case");
    }
    if (!only.empty() && suite.cases.empty() && !context.sink.has_errors() && found_.empty()) {
      const std::vector<std::string_view> known(names_.begin(), names_.end());
      context.sink.AddForFile(file_.name(), policy::diagnostic_id::kUnknownWord,
                              "there is no case '" + std::string(only) + "'",
                              policy::DidYouMean(only, known, "the cases are"));
    }
  }

  void ReadCase(const Node& item, const Node& merged, std::string_view only, TestSuite& suite) {
    DiagnosticSink sink;
    const FileContext context{file_, sink};
    const Fields fields(context, merged, "a case",
                        {{"name", Presence::kRequired},
                         {"now"},
                         {"incident", Presence::kRequired},
                         {"customer"},
                         {"history"},
                         {"given_before"},
                         {"budgets"},
                         {"expect", Presence::kRequired}});
    TestCase one;
    one.line = file_.Locate(item.span.begin).line;
    if (const Node* name = fields.Find("name")) {
      one.name = policy::ReadText(context, *name, kTestNameBytesMax).value_or("");
      if (!one.name.empty() && !names_.insert(one.name).second) {
        context.Error(*name, diagnostic_id::kDuplicateCase,
                      "there is another case '" + one.name + "' in this file",
                      "name each after what it shows");
      }
    }
    if (only.empty() || only == one.name) {
      one.facts = ReadFacts(context, fields, policies_);
      if (const Node* node = fields.Find("expect")) {
        one.expect = ReadExpectation(context, *node, policies_);
      }
      suite.cases.push_back(std::move(one));
      Keep(sink.Take());
    }
  }

  void Keep(policy::Diagnostics diagnostics) {
    for (Diagnostic& diagnostic : diagnostics) {
      found_.try_emplace({diagnostic.line, diagnostic.column, diagnostic.id, diagnostic.message},
                         diagnostic);
    }
  }

  const policy::SourceFile& file_;
  const policy::PolicySet& policies_;
  std::set<std::string, std::less<>> names_;
  std::map<std::tuple<int, int, std::string_view, std::string>, Diagnostic> found_;  // by place
};

}  // namespace

std::optional<TestSuite> ReadTests(const policy::SourceFile& file,
                                   const policy::PolicySet& policies,
                                   policy::Diagnostics& diagnostics) {
  SuiteReader reader(file, policies);
  std::optional<TestSuite> suite = reader.Read("");
  diagnostics = reader.Take();
  return suite;
}

std::optional<TestCase> FindCase(const policy::SourceFile& file, std::string_view name,
                                 const policy::PolicySet& policies,
                                 policy::Diagnostics& diagnostics) {
  SuiteReader reader(file, policies);
  std::optional<TestSuite> suite = reader.Read(name);
  diagnostics = reader.Take();
  return suite && !suite->cases.empty() ? std::optional(std::move(suite->cases.front()))
                                        : std::nullopt;
}

std::optional<CaseFacts> ReadCaseFacts(const FileContext& context, const Node& node,
                                       const policy::PolicySet& policies) {
  const std::size_t problems = context.sink.count();
  const Fields fields(context, node, "the facts",
                      {{"incident", Presence::kRequired},
                       {"now"},
                       {"customer"},
                       {"history"},
                       {"given_before"},
                       {"budgets"}});
  CaseFacts facts = ReadFacts(context, fields, policies);
  return context.sink.count() == problems ? std::optional(std::move(facts)) : std::nullopt;
}

}  // namespace kulanz::command
