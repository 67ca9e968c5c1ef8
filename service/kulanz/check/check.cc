// kulanz check: everything that the server would refuse about policy sets, and what is doubtful.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "service/kulanz/check/checked_set.h"
#include "service/kulanz/rule_sets.h"
#include "service/kulanz/verbs.h"

namespace kulanz::command {
namespace {

namespace fs = std::filesystem;

struct CheckOptions {
  std::vector<std::string> paths = {"rules"};
  std::string format = "text";
  std::string color = "auto";
  std::string locale = "en";
};

// Whole sets for folders; for files the set that they are in, with what concerns them only.
std::vector<CheckedSet> CheckAll(const CheckOptions& options) {
  std::vector<CheckedSet> sets;
  std::map<std::string, std::set<std::string>> files;  // by folder, relative to it
  for (const std::string& path : options.paths) {
    std::error_code error;
    if (!fs::is_regular_file(path, error)) {
      sets.push_back(CheckFolder(path, options.locale));
      continue;
    }
    const std::string folder = SetOf(path);
    files[folder].insert(fs::path(path)
                             .lexically_normal()
                             .lexically_relative(fs::path(folder).lexically_normal())
                             .generic_string());
  }
  for (const auto& [folder, names] : files) {
    CheckedSet set = CheckFolder(folder, options.locale);
    const auto is_other = [&names = names](const std::string& file) {
      return names.find(file) == names.end();
    };
    std::erase_if(set.diagnostics, [&is_other](const policy::Diagnostic& diagnostic) {
      return is_other(diagnostic.file);
    });
    std::erase_if(set.files, is_other);
    set.policies = set.ok ? names.size() : 0;
    set.revision.clear();
    set.has_messages = true;  // whether there are letters is not the question
    sets.push_back(std::move(set));
  }
  return sets;
}

std::string Report(const std::vector<CheckedSet>& sets, const CheckOptions& options) {
  if (options.format == "json") {
    return ReportJson(sets);
  }
  return options.format == "junit" ? ReportJunit(sets)
                                   : ReportText(sets, Style::ForOutput(options.color));
}

}  // namespace

void AddCheck(CLI::App& app, int& exit_code) {
  CLI::App* const verb = app.add_subcommand("check", "Check policy sets as the server would");
  const auto options = std::make_shared<CheckOptions>();
  verb->add_option("rules", options->paths, "Folders of policy sets, or single files of one")
      ->type_name("DIR|FILE")
      ->capture_default_str();
  verb->add_option("--format", options->format, "How to report")
      ->check(CLI::IsMember({"text", "json", "junit"}))
      ->capture_default_str();
  AddColorOption(*verb, options->color);
  verb->add_option("--locale", options->locale, "The language that every letter must have")
      ->capture_default_str();
  verb->footer(
      "Ends with 0 when all is well, 1 when there are errors, 3 when there are only warnings, and\n"
      "2 for a wrong command line.\n\n"
      "Example:\n"
      "  kulanz check rules && git commit");
  verb->callback([options, &exit_code] {
    const std::vector<CheckedSet> sets = CheckAll(*options);
    static_cast<void>(std::fputs(Report(sets, *options).c_str(), stdout));
    exit_code = CountOf(sets, policy::Severity::kError) > 0     ? kExitProblems
                : CountOf(sets, policy::Severity::kWarning) > 0 ? kExitLint
                                                                : kExitClean;
  });
}

}  // namespace kulanz::command
