// The reports of tests for programs.
#include "service/kulanz/explain/render.h"
#include "service/kulanz/terminal/json_writer.h"
#include "service/kulanz/terminal/junit.h"
#include "service/kulanz/test/test_report.h"

namespace kulanz::command {
namespace {

void WriteCase(const FileRun& file, const CaseRun& one, JsonWriter& json) {
  json.BeginObject()
      .Field("file", file.file)
      .Field("line", one.line)
      .Field("suite", file.suite)
      .Field("name", one.name)
      .Field("passed", one.result.passed())
      .Key("compared")
      .BeginArray();
  for (const Compared& compared : one.result.compared) {
    json.BeginObject()
        .Field("what", compared.what)
        .Field("expected", compared.expected)
        .Field("actual", compared.actual)
        .Field("same", compared.same)
        .EndObject();
  }
  json.EndArray();
  if (!one.result.passed()) {
    WriteAnswer(one.result.answered, json);
  }
  json.EndObject();
}

void WriteCoverage(const SetRun& run, JsonWriter& json) {
  for (const Coverage& coverage : run.coverage) {
    json.BeginObject()
        .Field("rules", run.directory)
        .Field("covered", coverage.covered())
        .Field("total", coverage.total())
        .Key("policies")
        .BeginArray();
    for (const Coverage::OfPolicy& policy : coverage.policies()) {
      json.BeginObject()
          .Field("policy", policy.policy)
          .Field("file", policy.file)
          .Field("covered", policy.covered)
          .Field("total", policy.total)
          .Key("missed")
          .BeginArray();
      for (const std::string& part : policy.missed) {
        json.Value(part);
      }
      json.EndArray().EndObject();
    }
    json.EndArray().EndObject();
  }
}

// What differs, on one line: "amount: expected 8.00 EUR, got 5.00 EUR".
std::string Differences(const CaseRun& one) {
  std::string text;
  for (const Compared& compared : one.result.compared) {
    if (!compared.same) {
      text += (text.empty() ? "" : "; ") + compared.what + ": expected " + compared.expected +
              ", got " + compared.actual;
    }
  }
  return text;
}

}  // namespace

std::string ReportTestsJson(const std::vector<SetRun>& runs) {
  std::size_t cases = 0;
  std::size_t failed = 0;
  for (const SetRun& run : runs) {
    for (const FileRun& file : run.files) {
      cases += file.cases.size();
      failed += file.failed();
    }
  }
  JsonWriter json;
  json.BeginObject()
      .Field("passed", cases - failed)
      .Field("failed", failed)
      .Key("cases")
      .BeginArray();
  for (const SetRun& run : runs) {
    for (const FileRun& file : run.files) {
      for (const CaseRun& one : file.cases) {
        WriteCase(file, one, json);
      }
    }
  }
  json.EndArray().Key("coverage").BeginArray();
  for (const SetRun& run : runs) {
    WriteCoverage(run, json);
  }
  return json.EndArray().EndObject().Line();
}

std::string ReportTestsJunit(const std::vector<SetRun>& runs) {
  std::vector<JunitSuite> suites;
  for (const SetRun& run : runs) {
    for (const FileRun& file : run.files) {
      JunitSuite& suite = suites.emplace_back();
      suite.name = file.suite;
      for (const CaseRun& one : file.cases) {
        JunitCase& written = suite.cases.emplace_back();
        written.name = one.name;
        written.file = file.file;
        if (!one.result.passed()) {
          written.failures.push_back({.type = "failure",
                                      .message = Differences(one),
                                      .text = RenderFailure(file, one, Style())});
        }
      }
    }
  }
  return ReportJunit(suites);
}

}  // namespace kulanz::command
