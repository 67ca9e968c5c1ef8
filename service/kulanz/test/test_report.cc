#include "service/kulanz/test/test_report.h"

#include <algorithm>

#include "service/kulanz/explain/render.h"
#include "service/kulanz/terminal/table.h"

namespace kulanz::command {
namespace {

constexpr std::size_t kStoriesMax = 3;

std::string AnswerText(const CaseRun& one) {
  const Decision& decision = one.result.answered.verdict.decision;
  std::string text(OutcomeName(decision.outcome));
  if (decision.voucher) {
    return text + " " + decision.voucher->amount.ToString();
  }
  return text + " " + decision.reason;
}

// The policies that the failure is about: the one that answered and the one that should have.
std::vector<std::size_t> StoriesInQuestion(const CaseRun& one) {
  const Answered& answered = one.result.answered;
  std::vector<std::string> names = {answered.verdict.decision.policy.text()};
  for (const Compared& compared : one.result.compared) {
    if (compared.what == "policy") {
      names.push_back(compared.expected);
    } else if (compared.what.starts_with("shadow ") && !compared.same) {
      names.push_back(compared.what.substr(std::string_view("shadow ").size()));
    }
  }
  std::vector<std::size_t> wanted;
  for (std::size_t i = 0; i < answered.stories.size(); ++i) {
    const std::string& id = answered.stories[i].policy->id.text();
    if (std::find(names.begin(), names.end(), id) != names.end()) {
      wanted.push_back(i);
    }
  }
  for (std::size_t i = 0; wanted.empty() && i < answered.stories.size(); ++i) {
    wanted.push_back(i);
  }
  wanted.resize(std::min(wanted.size(), kStoriesMax));
  return wanted;
}

std::string RenderCoverage(const SetRun& run, const Style& style) {
  std::string out;
  for (const Coverage& coverage : run.coverage) {
    Table table({{.title = ""},
                 {.title = "", .numeric = true},
                 {.title = "", .numeric = true},
                 {.title = "", .elastic = true}},
                2);
    for (const Coverage::OfPolicy& policy : coverage.policies()) {
      std::vector<std::string> missed = policy.missed;
      missed.resize(std::max<std::size_t>(missed.size(), 1));
      for (std::size_t i = 0; i < missed.size(); ++i) {
        const bool first = i == 0;
        table.Add(
            {first ? policy.policy : "",
             first ? std::to_string(policy.covered) + " of " + std::to_string(policy.total) : "",
             first ? std::to_string(PercentOf(policy.covered, policy.total)) + " %" : "",
             {missed[i].empty() ? "" : "not reached: " + missed[i], Paint::kYellow}});
      }
    }
    out += "\n" + style.In(Paint::kBold, "Coverage of " + run.directory) + ": " +
           std::to_string(PercentOf(coverage.covered(), coverage.total())) + " %, " +
           std::to_string(coverage.covered()) + " of " + Count(coverage.total(), "part") + "\n";
    out += table.Render(style);
  }
  return out;
}

}  // namespace

std::size_t FileRun::failed() const {
  return static_cast<std::size_t>(std::count_if(
      cases.begin(), cases.end(), [](const CaseRun& one) { return !one.result.passed(); }));
}

std::string RenderFailure(const FileRun& file, const CaseRun& one, const Style& style) {
  std::string out = style.In(Paint::kRed, "FAIL") + "  " +
                    style.In(Paint::kBold, file.file + ":" + std::to_string(one.line)) + "  " +
                    Printable(one.name) + "\n";
  Table table({{.title = ""},
               {.title = ""},
               {.title = "expected", .elastic = true},
               {.title = "actual", .elastic = true}},
              2);
  for (const Compared& compared : one.result.compared) {
    const bool same = compared.same;
    table.Add({{same ? " " : "!", Paint::kRed},
               compared.what,
               {Printable(compared.expected), same ? Paint::kDim : Paint::kGreen},
               {Printable(compared.actual), same ? Paint::kDim : Paint::kRed}});
  }
  out += table.Render(style);
  const Answered& answered = one.result.answered;
  out += "\n" + RenderDecision(answered.verdict, style);
  for (const std::size_t i : StoriesInQuestion(one)) {
    out += "\n" + RenderPolicy(answered, i, style);
  }
  return out + "\n";
}

std::string ReportTestsText(const std::vector<SetRun>& runs, bool verbose, const Style& style) {
  std::string failures;
  std::string coverage;
  Table files({{.title = ""}, {.title = "", .elastic = true}, {.title = ""}});
  std::size_t cases = 0;
  std::size_t failed = 0;
  for (const SetRun& run : runs) {
    for (const FileRun& file : run.files) {
      const std::size_t bad = file.failed();
      cases += file.cases.size();
      failed += bad;
      files.Add(
          {bad == 0 ? Cell("ok", Paint::kGreen) : Cell("FAIL", Paint::kRed), file.file,
           bad == 0 ? Count(file.cases.size(), "case")
                    : std::to_string(bad) + " of " + Count(file.cases.size(), "case") + " failed"});
      for (const CaseRun& one : file.cases) {
        const bool passed = one.result.passed();
        if (verbose) {
          files.Add(
              {"", "  " + Printable(one.name),
               passed ? Cell(AnswerText(one), Paint::kDim) : Cell(AnswerText(one), Paint::kRed)});
        }
        failures += passed ? "" : RenderFailure(file, one, style);
      }
    }
    coverage += RenderCoverage(run, style);
  }
  std::string out = files.Render(style);
  out += failures.empty() ? "" : "\n" + failures;
  out += coverage + (coverage.empty() ? "" : "\n");
  if (failed == 0) {
    return out + style.In(Paint::kGreen, Count(cases, "case") + " passed") + "\n";
  }
  return out +
         style.In(Paint::kRed, std::to_string(failed) + " of " + Count(cases, "case") + " failed") +
         "\n";
}

}  // namespace kulanz::command
