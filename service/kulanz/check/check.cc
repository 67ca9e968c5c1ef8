// kulanz check: everything that the server would refuse about policy sets, with positions.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "service/kulanz/check/check_report.h"
#include "service/kulanz/verbs.h"
#include "service/policy/loader.h"

namespace kulanz::command {
namespace {

namespace fs = std::filesystem;

struct CheckOptions {
  std::vector<std::string> paths = {"rules"};
  std::string format = "text";
  std::string color = "auto";
};

bool WantsColor(const CheckOptions& options) {
  if (options.color != "auto") {
    return options.color == "always";
  }
  const char* const terminal = std::getenv("TERM");  // NOLINT(concurrency-mt-unsafe): one thread
  const bool refused = std::getenv("NO_COLOR") != nullptr;  // NOLINT(concurrency-mt-unsafe)
  return isatty(STDOUT_FILENO) != 0 && !refused && terminal != nullptr &&
         std::string_view(terminal) != "dumb";
}

// The folder of the set that a file belongs to: the nearest one above it with an incidents.yaml.
std::string SetOf(const fs::path& file) {
  fs::path folder = file.parent_path();
  for (int levels = 0; levels < 4; ++levels) {
    const fs::path here = folder.empty() ? fs::path(".") : folder;
    std::error_code error;
    if (fs::exists(here / policy::kIncidentsFile, error)) {
      return here.string();
    }
    folder = folder.empty() ? fs::path("..") : folder / "..";
    folder = folder.lexically_normal();
  }
  return file.parent_path().empty() ? "." : file.parent_path().string();
}

CheckedSet CheckFolder(const std::string& directory) {
  policy::LoadResult result = policy::LoadPolicySet(directory);
  CheckedSet set;
  set.directory = directory;
  set.ok = result.ok();
  set.diagnostics = std::move(result.diagnostics);
  if (result.ok()) {
    set.policies = result.policies->policy_count();
    set.revision = result.policies->revision().text();
  }
  return set;
}

// Whole sets for folders; for files the set that they are in, with what concerns them only.
std::vector<CheckedSet> CheckAll(const std::vector<std::string>& paths) {
  std::vector<std::string> folders;
  std::map<std::string, std::set<std::string>> files;  // by folder, relative to it
  for (const std::string& path : paths) {
    std::error_code error;
    if (fs::is_regular_file(path, error)) {
      const std::string folder = SetOf(path);
      files[folder].insert(fs::path(path)
                               .lexically_normal()
                               .lexically_relative(fs::path(folder).lexically_normal())
                               .generic_string());
    } else {
      folders.push_back(path);
    }
  }
  std::vector<CheckedSet> sets;
  for (const std::string& folder : folders) {
    sets.push_back(CheckFolder(folder));
  }
  for (const auto& [folder, names] : files) {
    CheckedSet set = CheckFolder(folder);
    std::erase_if(set.diagnostics, [&names = names](const policy::Diagnostic& diagnostic) {
      return names.find(diagnostic.file) == names.end();
    });
    set.policies = set.ok ? names.size() : 0;
    set.revision.clear();
    sets.push_back(std::move(set));
  }
  return sets;
}

}  // namespace

void AddCheck(CLI::App& app, int& exit_code) {
  CLI::App* const verb = app.add_subcommand("check", "Check policy sets as the server would");
  const auto options = std::make_shared<CheckOptions>();
  verb->add_option("paths", options->paths, "Folders of policy sets, or single files of one")
      ->type_name("DIR|FILE")
      ->capture_default_str();
  verb->add_option("--format", options->format, "How to report")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  verb->add_option("--color", options->color, "Colours in text")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
  verb->footer(
      "Ends with 0 when there are no errors, 1 when there are, 2 for a wrong command line.");
  verb->callback([options, &exit_code] {
    const std::vector<CheckedSet> sets = CheckAll(options->paths);
    const std::string report =
        options->format == "json" ? ReportJson(sets) : ReportText(sets, WantsColor(*options));
    static_cast<void>(std::fputs(report.c_str(), stdout));
    exit_code = CountErrors(sets) == 0 ? kExitClean : kExitProblems;
  });
}

}  // namespace kulanz::command
