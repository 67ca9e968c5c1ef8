// kulanz test: runs files *_test.yaml against the policies that they are for.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "service/cel/pattern.h"
#include "service/kulanz/rule_sets.h"
#include "service/kulanz/rules_loading.h"
#include "service/kulanz/test/test_report.h"
#include "service/kulanz/verbs.h"

namespace kulanz::command {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPatternBytesMax = 1'000;

struct TestOptions {
  std::vector<std::string> paths = {"rules"};
  std::string run;
  bool coverage = false;
  std::size_t threshold = 0;
  std::string format = "text";
  std::string color = "auto";
  bool verbose = false;
};

// The files to run by the policy set that each is for. Folders stand for all tests of their sets; files are
// for the one folder that was named with them, else for the set that they are in.
std::map<std::string, std::vector<std::string>> FilesBySet(const std::vector<std::string>& paths) {
  std::vector<std::string> folders;
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code error;
    (fs::is_directory(path, error) ? folders : files).push_back(path);
  }
  std::map<std::string, std::vector<std::string>> by_set;
  for (const std::string& file : files) {
    by_set[folders.size() == 1 ? folders.front() : SetOf(file)].push_back(file);
  }
  if (files.empty() || folders.size() > 1) {
    for (const std::string& folder : folders) {
      for (const std::string& set : SetsBelow(folder)) {
        for (const std::string& file : TestFilesOf(set)) {
          by_set[set].push_back(file);
        }
      }
    }
  }
  return by_set;
}

class Runner {
 public:
  explicit Runner(const TestOptions& options) : options_(options) {
    if (!options.run.empty()) {
      std::string error;
      pattern_ = cel::CompilePattern(options.run, error);
    }
  }

  void RunSet(const std::string& directory, const std::vector<std::string>& files) {
    SetRun run;
    run.directory = directory;
    if (files.empty()) {
      return;
    }
    run.policies = LoadRules(directory);
    if (run.policies == nullptr) {
      broken_ = true;
      return;
    }
    if (options_.coverage || options_.threshold > 0) {
      run.coverage.emplace_back(*run.policies);
    }
    for (const std::string& file : files) {
      RunFile(file, run);
    }
    runs_.push_back(std::move(run));
  }

  int Finish() {
    if (broken_) {
      return kExitUsage;
    }
    if (cases_ == 0) {
      static_cast<void>(std::fprintf(stderr, options_.run.empty()
                                                 ? "kulanz test: there are no files *_test.yaml\n"
                                                 : "kulanz test: no case matches --run\n"));
      return kExitUsage;
    }
    const std::string text =
        options_.format == "json" ? ReportTestsJson(runs_)
        : options_.format == "junit"
            ? ReportTestsJunit(runs_)
            : ReportTestsText(runs_, options_.verbose, Style::ForOutput(options_.color));
    static_cast<void>(std::fputs(text.c_str(), stdout));
    return failed_ == 0 && ReachesThreshold() ? kExitClean : kExitProblems;
  }

 private:
  void RunFile(const std::string& name, SetRun& run) {
    const std::optional<policy::SourceFile> file = ReadSource(name);
    if (!file) {
      broken_ = true;
      return;
    }
    policy::Diagnostics diagnostics;
    const std::optional<TestSuite> suite = ReadTests(*file, *run.policies, diagnostics);
    if (!suite) {
      PrintDiagnostics(diagnostics, "");
      broken_ = true;
      return;
    }
    FileRun file_run{.file = name, .suite = suite->name, .cases = {}};
    for (const TestCase& test : suite->cases) {
      if (pattern_ && !pattern_->Finds(suite->name + "/" + test.name)) {
        continue;
      }
      CaseRun one{.name = test.name, .line = test.line, .result = RunCase(*run.policies, test)};
      if (!run.coverage.empty()) {
        run.coverage.front().Add(one.result.answered);
      }
      ++cases_;
      failed_ += one.result.passed() ? 0U : 1U;
      file_run.cases.push_back(std::move(one));
    }
    if (!file_run.cases.empty()) {
      run.files.push_back(std::move(file_run));
    }
  }

  bool ReachesThreshold() const {
    bool reached = true;
    for (const SetRun& run : runs_) {
      for (const Coverage& coverage : run.coverage) {
        if (coverage.covered() * 100 < options_.threshold * coverage.total()) {
          reached = false;
          static_cast<void>(std::fprintf(
              stderr,
              "kulanz test: the tests of %s reach %zu %%, less than the %zu %% of --threshold\n",
              run.directory.c_str(), PercentOf(coverage.covered(), coverage.total()),
              options_.threshold));
        }
      }
    }
    return reached;
  }

  const TestOptions& options_;
  std::unique_ptr<const cel::Pattern> pattern_;
  std::vector<SetRun> runs_;
  std::size_t cases_ = 0;
  std::size_t failed_ = 0;
  bool broken_ = false;
};

// An error text for CLI, or nothing.
std::string CheckPattern(const std::string& text) {
  if (text.size() > kPatternBytesMax) {
    return "is longer than 1,000 bytes";
  }
  std::string error;
  const bool is_pattern = cel::CompilePattern(text, error) != nullptr;
  return is_pattern ? "" : "'" + text + "' is not a regular expression: " + error;
}

int RunTests(const TestOptions& options) {
  Runner runner(options);
  for (const auto& [set, files] : FilesBySet(options.paths)) {
    runner.RunSet(set, files);
  }
  return runner.Finish();
}

}  // namespace

void AddTest(CLI::App& app, int& exit_code) {
  CLI::App* const verb = app.add_subcommand("test", "Run the tests of policy sets");
  const auto options = std::make_shared<TestOptions>();
  verb->add_option("rules", options->paths,
                   "Folders of policy sets, whose *_test.yaml are run, or single files")
      ->type_name("DIR|FILE")
      ->capture_default_str();
  verb->add_option("--run", options->run, "Only cases whose suite/name this pattern is found in")
      ->type_name("REGEX")
      ->check(CheckPattern);
  verb->add_flag("--coverage", options->coverage,
                 "Tell which gesture rows, exclusions and policies no case reached");
  verb->add_option("--threshold", options->threshold, "Fail when less than this is reached")
      ->type_name("PERCENT")
      ->check(CLI::Range(0, 100));
  verb->add_option("--format", options->format, "How to report")
      ->check(CLI::IsMember({"text", "json", "junit"}))
      ->capture_default_str();
  AddColorOption(*verb, options->color);
  verb->add_flag("-v,--verbose", options->verbose, "Tell of each case");
  verb->footer(
      "Ends with 0 when all cases pass, 1 when one fails or too little is covered, and 2 when "
      "there is\n"
      "nothing to run or a file or the command line is wrong.\n\n"
      "Examples:\n"
      "  kulanz test rules --coverage --threshold 80\n"
      "  kulanz test rules/tests/late_delivery_test.yaml --run 'three days'");
  verb->callback([options, &exit_code] { exit_code = RunTests(*options); });
}

}  // namespace kulanz::command
