// kulanz-cel-conformance: runs the official CEL tests, in the JSON form that the README beside them
// describes, through parser, checker and evaluator.
//
//   kulanz-cel-conformance [--json] [--types] [--skip-missing] DIR_OR_FILE...
//
// Prints every failure with what was expected and what came, and counts per file. --types also prints
// where a deduced type differs from the reference implementation's. Exit: 0 all passed, 1 a failure,
// 2 wrong usage or unreadable files, 77 (with --skip-missing) no files there.
#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/conformance/run_case.h"
#include "tests/conformance/suite.h"

namespace {

using kulanz::conformance::Json;
using kulanz::conformance::Outcome;
using kulanz::conformance::QuoteJson;

struct Options {
  bool json = false;
  bool types = false;
  bool skip_missing = false;
  std::vector<std::string> paths;
};

struct Count {
  int passed = 0;
  int failed = 0;
  int skipped = 0;
  int type_differences = 0;
  std::map<std::string, int> skip_reasons;

  void Add(const Count& other) {
    passed += other.passed;
    failed += other.failed;
    skipped += other.skipped;
    type_differences += other.type_differences;
    for (const auto& [reason, count] : other.skip_reasons) {
      skip_reasons[reason] += count;
    }
  }
};

std::string NameOf(const Json& test) {
  return test.has("id") ? test["id"].text : test["expr"].text;
}

Count RunSuite(const kulanz::conformance::Suite& suite, const Options& options,
               std::string& failures) {
  Count count;
  for (const Json* test : suite.tests()) {
    const Outcome outcome = kulanz::conformance::RunCase(*test);
    if (options.types && !outcome.type_difference.empty()) {
      std::printf("TYPE %s: %s\n  %s\n", NameOf(*test).c_str(), (*test)["expr"].text.c_str(),
                  outcome.type_difference.c_str());
    }
    count.type_differences += outcome.type_difference.empty() ? 0 : 1;
    switch (outcome.kind) {
      case Outcome::Kind::kPassed:
        ++count.passed;
        break;
      case Outcome::Kind::kSkipped:
        ++count.skipped;
        ++count.skip_reasons[outcome.reason];
        break;
      case Outcome::Kind::kFailed:
        ++count.failed;
        if (options.json) {
          failures += (failures.empty() ? "" : ",") + ("{\"id\":" + QuoteJson(NameOf(*test))) +
                      ",\"file\":" + QuoteJson(suite.name) +
                      ",\"expected\":" + QuoteJson(outcome.expected) +
                      ",\"actual\":" + QuoteJson(outcome.actual) + "}";
        } else {
          std::printf("FAIL %s: %s\n  expected %s\n  actual   %s\n", NameOf(*test).c_str(),
                      (*test)["expr"].text.c_str(), outcome.expected.c_str(),
                      outcome.actual.c_str());
        }
    }
  }
  return count;
}

std::string ToJson(const Count& count) {
  std::string reasons;
  for (const auto& [reason, number] : count.skip_reasons) {
    reasons += (reasons.empty() ? "" : ",") + QuoteJson(reason) + ":" + std::to_string(number);
  }
  return "{\"passed\":" + std::to_string(count.passed) +
         ",\"failed\":" + std::to_string(count.failed) +
         ",\"skipped\":" + std::to_string(count.skipped) +
         ",\"type_differences\":" + std::to_string(count.type_differences) + ",\"skip_reasons\":{" +
         reasons + "}}";
}

void PrintText(const std::map<std::string, Count>& by_file, const Count& total) {
  std::printf("%-18s %7s %7s %8s %6s\n", "file", "passed", "failed", "skipped", "types");
  for (const auto& [name, count] : by_file) {
    std::printf("%-18s %7d %7d %8d %6d\n", name.c_str(), count.passed, count.failed, count.skipped,
                count.type_differences);
  }
  std::printf("%-18s %7d %7d %8d %6d\n", "total", total.passed, total.failed, total.skipped,
              total.type_differences);
  for (const auto& [reason, count] : total.skip_reasons) {
    std::printf("skipped %d: %s\n", count, reason.c_str());
  }
}

bool ParseOptions(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view arg = argv[i];
    if (arg == "--json") {
      options.json = true;
    } else if (arg == "--types") {
      options.types = true;
    } else if (arg == "--skip-missing") {
      options.skip_missing = true;
    } else if (arg.starts_with("--")) {
      return false;
    } else {
      options.paths.emplace_back(arg);
    }
  }
  return !options.paths.empty();
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!ParseOptions(argc, argv, options)) {
    std::fprintf(
        stderr,
        "usage: kulanz-cel-conformance [--json] [--types] [--skip-missing] DIR_OR_FILE...\n");
    return 2;
  }
  std::map<std::string, Count> by_file;
  Count total;
  std::string failures;
  for (const std::string& path : options.paths) {
    std::string error;
    const auto suites = kulanz::conformance::LoadSuites(path, error);
    if (!suites) {
      std::fprintf(stderr, "%s\n", error.c_str());
      if (options.skip_missing) {
        std::fprintf(stderr, "SKIPPED: the conformance tests are not here; nothing was checked\n");
        return 77;
      }
      return 2;
    }
    for (const auto& suite : *suites) {
      const Count count = RunSuite(suite, options, failures);
      by_file[suite.name].Add(count);
      total.Add(count);
    }
  }
  if (options.json) {
    std::string files;
    for (const auto& [name, count] : by_file) {
      files += (files.empty() ? "" : ",") + QuoteJson(name) + ":" + ToJson(count);
    }
    std::printf("{\"total\":%s,\"files\":{%s},\"failures\":[%s]}\n", ToJson(total).c_str(),
                files.c_str(), failures.c_str());
  } else {
    PrintText(by_file, total);
  }
  return total.failed == 0 ? 0 : 1;
}
