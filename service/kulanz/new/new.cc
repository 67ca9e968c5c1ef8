// kulanz new: commented starting points that pass check and test.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "service/kulanz/new/templates.h"
#include "service/kulanz/rules_loading.h"
#include "service/kulanz/verbs.h"
#include "service/policy/loader.h"
#include "service/policy/policy.h"
#include "service/policy/scalars.h"

namespace kulanz::command {
namespace {

namespace fs = std::filesystem;

struct NewOptions {
  std::string what;
  std::string name;
  std::string rules = "rules";
};

int FailNew(const std::string& text) {
  static_cast<void>(std::fprintf(stderr, "kulanz new: %s\n", text.c_str()));
  return kExitProblems;
}

// Writes files that are not there yet, or none of them.
int WriteNewFiles(const fs::path& folder, const std::vector<NewFile>& files) {
  for (const NewFile& file : files) {
    std::error_code error;
    if (fs::exists(folder / file.name, error)) {
      return FailNew((folder / file.name).string() + " is there already; it stays as it is");
    }
  }
  for (const NewFile& file : files) {
    const fs::path path = folder / file.name;
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    std::ofstream out(path, std::ios::binary);
    out << file.text;
    out.close();
    if (!out) {
      return FailNew("cannot write " + path.string());
    }
    std::printf("%s\n", path.string().c_str());
  }
  return kExitClean;
}

int AddType(const NewOptions& options) {
  policy::DiagnosticSink sink;
  policy::PolicyFiles files = policy::ReadPolicyFiles(options.rules, sink);
  const std::string addition = NewIncidentType(options.name);
  for (policy::PolicyFile& file : files.files) {
    if (file.name != policy::kIncidentsFile) {
      continue;
    }
    file.text += (file.text.ends_with('\n') ? "" : "\n") + addition;
    const policy::LoadResult result = policy::LoadPolicySet(files);
    if (!result.ok()) {
      // Something else stands at the end of the file, or the name is taken.
      PrintDiagnostics(result.diagnostics, "");
      return FailNew("incidents.yaml would not be right with this at its end:\n" + addition);
    }
    const fs::path path = fs::path(options.rules) / file.name;
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << file.text;
    out.close();
    std::printf("%s\n", path.string().c_str());
    return out ? kExitClean : FailNew("cannot write " + path.string());
  }
  return FailNew(options.rules + " has no incidents.yaml");
}

int RunNew(const NewOptions& options) {
  const bool is_type = options.what == "incident-type";
  if (options.what != "ruleset" && !policy::IsName(options.name, is_type ? '_' : '-')) {
    return FailNew("'" + options.name +
                   "' is not a name: a lower-case letter, then lower-case letters, " +
                   "digits and '" + (is_type ? "_" : "-") + "'");
  }
  if (options.what == "ruleset") {
    return WriteNewFiles(options.name, NewRuleSet());
  }
  if (is_type) {
    return AddType(options);
  }
  const std::shared_ptr<const policy::PolicySet> policies = LoadRules(options.rules);
  if (policies == nullptr) {
    return kExitUsage;
  }
  if (options.what == "test") {
    const policy::Policy* const policy = policies->FindPolicy(options.name);
    return policy == nullptr
               ? FailNew("there is no policy '" + options.name + "' in " + options.rules)
               : WriteNewFiles(options.rules, {NewTest(*policies, *policy)});
  }
  return WriteNewFiles(options.rules, {NewPolicy(options.name, PlacesOf(*policies))});
}

}  // namespace

void AddNew(CLI::App& app, int& exit_code) {
  CLI::App* const verb = app.add_subcommand("new", "Write a commented starting point");
  const auto options = std::make_shared<NewOptions>();
  verb->add_option("what", options->what, "What to begin with")
      ->check(CLI::IsMember({"policy", "test", "incident-type", "ruleset"}))
      ->required();
  verb->add_option("name", options->name,
                   "Of the new policy or type; for test the policy; for ruleset the folder")
      ->required();
  verb->add_option("--rules", options->rules, "The folder of the policy set that gets it")
      ->type_name("DIR")
      ->capture_default_str();
  verb->footer(
      "Never writes over a file. Ends with 0 when everything was written, 1 when it was not, and 2 "
      "when\n"
      "the policy set or the command line is wrong.\n\n"
      "Examples:\n"
      "  kulanz new ruleset my-rules && kulanz test my-rules\n"
      "  kulanz new policy wrong-item --rules my-rules\n"
      "  kulanz new test wrong-item --rules my-rules");
  verb->callback([options, &exit_code] { exit_code = RunNew(*options); });
}

}  // namespace kulanz::command
