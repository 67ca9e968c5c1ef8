// kulanz explain: one incident, policy by policy: why, and why not.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "service/kulanz/explain/render.h"
#include "service/kulanz/rules_loading.h"
#include "service/kulanz/test/facts_reader.h"
#include "service/kulanz/test/run_case.h"
#include "service/kulanz/test/test_file.h"
#include "service/kulanz/verbs.h"
#include "service/policy/policy.h"
#include "service/policy/yaml_reader.h"

namespace kulanz::command {
namespace {

using policy::Node;

struct ExplainOptions {
  std::string rules = "rules";
  std::string incident;
  std::string customer;
  std::string history;
  std::string now;
  std::string one_case;
  std::string format = "text";
  std::string color = "auto";
};

// Reads the file at `path` by `read(context, root)`; false after a mistake, which is told.
template <typename Read>
bool ReadFile(const std::string& path, Read read) {
  const std::optional<policy::SourceFile> file = ReadSource(path);
  if (!file) {
    return false;
  }
  policy::DiagnosticSink sink;
  if (const std::optional<Node> root = policy::ReadYaml(*file, sink)) {
    read(policy::FileContext{*file, sink}, *root);
  }
  const bool good = !sink.has_errors();
  PrintDiagnostics(sink.Take(), "");
  return good;
}

bool IsCase(const Node& root) {
  for (const Node::Entry& entry : root.entries) {
    if (entry.key.text == "incident") {
      return true;
    }
  }
  return false;
}

// The facts that the options name; nothing after a mistake, which is told.
std::optional<CaseFacts> FactsOf(const ExplainOptions& options, const policy::PolicySet& policies) {
  CaseFacts facts;
  facts.customer.id = CustomerId("customer");
  bool good = ReadFile(options.incident, [&](const policy::FileContext& context, const Node& root) {
    if (IsCase(root)) {
      if (auto read = ReadCaseFacts(context, root, policies)) {
        facts = *std::move(read);
      }
    } else if (auto incident = FactsReader(policies, context).ReadIncident(root)) {
      facts.incident = *std::move(incident);
      facts.now = facts.incident.occurred_at;
    }
  });
  if (!options.customer.empty()) {
    good &= ReadFile(options.customer, [&](const policy::FileContext& context, const Node& root) {
      facts.customer = FactsReader(policies, context).ReadCustomer(root);
    });
  }
  if (!options.history.empty()) {
    good &= ReadFile(options.history, [&](const policy::FileContext& context, const Node& root) {
      facts.history = FactsReader(policies, context).ReadHistory(root);
    });
  }
  if (!options.now.empty()) {
    const std::optional<Instant> now = ParseInstant(options.now);
    if (!now) {
      static_cast<void>(std::fprintf(
          stderr, "kulanz explain: --now '%s' is not a time such as 2026-03-10T12:00:00+01:00\n",
          options.now.c_str()));
    }
    good &= now.has_value();
    facts.now = now.value_or(facts.now);
  }
  facts.incident.customer = facts.customer.id;
  return good ? std::optional(std::move(facts)) : std::nullopt;
}

// "FILE:NAME"; a name may have colons, so the file is the longest part that is one.
std::optional<CaseFacts> FactsOfCase(const std::string& which, const policy::PolicySet& policies) {
  const std::size_t end = which.find(".yaml:");
  if (end == std::string::npos) {
    static_cast<void>(std::fprintf(
        stderr, "kulanz explain: --case takes FILE_test.yaml:NAME, not '%s'\n", which.c_str()));
    return std::nullopt;
  }
  const std::size_t colon = end + std::string_view(".yaml").size();
  const std::optional<policy::SourceFile> file = ReadSource(which.substr(0, colon));
  if (!file) {
    return std::nullopt;
  }
  policy::Diagnostics diagnostics;
  std::optional<TestCase> test = FindCase(*file, which.substr(colon + 1), policies, diagnostics);
  PrintDiagnostics(diagnostics, "");
  return test ? std::optional(std::move(test->facts)) : std::nullopt;
}

std::string Text(const policy::PolicySet& policies, const CaseFacts& facts,
                 const Answered& answered, const Style& style) {
  std::string out = style.In(Paint::kBold, facts.incident.type) + " of " +
                    FormatInstant(facts.incident.occurred_at) + ", decided at " +
                    FormatInstant(facts.now) + "\n";
  out += RenderDecision(answered.verdict, style);
  for (std::size_t i = 0; i < answered.stories.size(); ++i) {
    out += "\n" + RenderPolicy(answered, i, style);
  }
  const policy::IncidentType* const type = policies.FindIncidentType(facts.incident.type);
  std::string others;
  for (const policy::Policy* policy : policies.PoliciesFor(*type)) {
    bool told = false;
    for (const PolicyStory& story : answered.stories) {
      told |= story.policy == policy;
    }
    others += told ? "" : (others.empty() ? "" : ", ") + policy->id.text();
  }
  if (!others.empty()) {
    out += "\n" + style.In(Paint::kDim, "not asked: " + others) + "\n";
  }
  return out;
}

int RunExplain(const ExplainOptions& options) {
  const std::shared_ptr<const policy::PolicySet> policies = LoadRules(options.rules);
  if (policies == nullptr) {
    return kExitUsage;
  }
  const std::optional<CaseFacts> facts = options.one_case.empty()
                                             ? FactsOf(options, *policies)
                                             : FactsOfCase(options.one_case, *policies);
  if (!facts) {
    return kExitUsage;
  }
  const Answered answered = Answer(*policies, *facts);
  std::string out;
  if (options.format == "json") {
    JsonWriter json;
    json.BeginObject();
    WriteAnswer(answered, json);
    out = json.EndObject().Line();
  } else {
    out = Text(*policies, *facts, answered, Style::ForOutput(options.color));
  }
  static_cast<void>(std::fputs(out.c_str(), stdout));
  return kExitClean;
}

}  // namespace

void AddExplain(CLI::App& app, int& exit_code) {
  CLI::App* const verb =
      app.add_subcommand("explain", "Show how the policies decide one incident, and why");
  const auto options = std::make_shared<ExplainOptions>();
  verb->add_option("rules", options->rules, "The folder of the policy set")
      ->type_name("DIR")
      ->capture_default_str();
  CLI::Option* const incident =
      verb->add_option("--incident", options->incident,
                       "The incident, or a whole case, in YAML or JSON; - is the standard input")
          ->type_name("FILE");
  verb->add_option("--customer", options->customer, "The customer")->type_name("FILE");
  verb->add_option("--history", options->history, "What the customer was given before")
      ->type_name("FILE");
  verb->add_option("--now", options->now, "The time of the decision; the incident's unless given")
      ->type_name("TIME");
  verb->add_option("--case", options->one_case, "A case of a file of tests")
      ->type_name("FILE:NAME")
      ->excludes(incident);
  verb->add_option("--format", options->format, "How to report")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  AddColorOption(*verb, options->color);
  verb->footer(
      "The keys are those of a case of `kulanz test`. Ends with 0 when there is a decision, and 2 "
      "when\n"
      "a file or the command line is wrong.\n\n"
      "Examples:\n"
      "  kulanz explain rules --case rules/tests/late_test.yaml:'three days late'\n"
      "  echo '{type: late_delivery, occurred_at: 2026-03-10T12:00:00Z}' | kulanz explain "
      "--incident -");
  verb->callback([options, &exit_code] {
    if (options->incident.empty() && options->one_case.empty()) {
      throw CLI::RequiredError("--incident or --case");
    }
    exit_code = RunExplain(*options);
  });
}

}  // namespace kulanz::command
