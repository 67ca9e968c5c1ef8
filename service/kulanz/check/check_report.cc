#include <algorithm>
#include <set>

#include "service/kulanz/check/checked_set.h"
#include "service/kulanz/terminal/json_writer.h"
#include "service/kulanz/terminal/junit.h"

namespace kulanz::command {
namespace {

using policy::Diagnostic;

std::string_view NameOf(policy::Severity severity) {
  return severity == policy::Severity::kError ? "error" : "warning";
}

std::string SumUp(const std::vector<CheckedSet>& sets, const Style& style) {
  std::size_t policies = 0;
  std::set<std::string> files;
  for (const CheckedSet& set : sets) {
    policies += set.policies;
    for (const Diagnostic& diagnostic : set.diagnostics) {
      files.insert(PrefixOf(set.directory) + diagnostic.file);
    }
  }
  const std::size_t errors = CountOf(sets, policy::Severity::kError);
  const std::size_t warnings = CountOf(sets, policy::Severity::kWarning);
  if (errors + warnings > 0) {
    std::string text = errors == 0 ? "" : style.In(Paint::kRed, Count(errors, "error"));
    if (warnings > 0) {
      text += (text.empty() ? "" : ", ") + style.In(Paint::kYellow, Count(warnings, "warning"));
    }
    return text + " in " + Count(files.size(), "file");
  }
  std::string text = style.In(Paint::kGreen, Count(policies, "policy") + ", no problems");
  if (sets.size() == 1 && !sets[0].revision.empty()) {
    text += "; revision " + sets[0].revision.substr(0, 12);
  }
  if (sets.size() == 1 && !sets[0].has_messages) {
    text += "; no letters to check, there is no " + PrefixOf(sets[0].directory) + "messages/";
  }
  return text;
}

void WriteDiagnostic(const CheckedSet& set, const Diagnostic& diagnostic, JsonWriter& json) {
  json.BeginObject()
      .Field("id", diagnostic.id)
      .Field("severity", NameOf(diagnostic.severity))
      .Field("file", PrefixOf(set.directory) + diagnostic.file)
      .Field("line", diagnostic.line)
      .Field("column", diagnostic.column)
      .Field("message", diagnostic.message)
      .Field("hint", diagnostic.hint)
      .EndObject();
}

}  // namespace

std::string ReportText(const std::vector<CheckedSet>& sets, const Style& style) {
  std::string out;
  for (const CheckedSet& set : sets) {
    out += policy::Render(set.diagnostics,
                          {.color = style.color(), .file_prefix = PrefixOf(set.directory)});
  }
  return out + SumUp(sets, style) + "\n";
}

std::string ReportJson(const std::vector<CheckedSet>& sets) {
  JsonWriter json;
  json.BeginObject()
      .Field("errors", CountOf(sets, policy::Severity::kError))
      .Field("warnings", CountOf(sets, policy::Severity::kWarning))
      .Key("sets")
      .BeginArray();
  for (const CheckedSet& set : sets) {
    json.BeginObject()
        .Field("directory", set.directory)
        .Field("policies", set.policies)
        .Field("revision", set.revision)
        .Key("diagnostics")
        .BeginArray();
    for (const Diagnostic& diagnostic : set.diagnostics) {
      WriteDiagnostic(set, diagnostic, json);
    }
    json.EndArray().EndObject();
  }
  return json.EndArray().EndObject().Line();
}

std::string ReportJunit(const std::vector<CheckedSet>& sets) {
  std::vector<JunitSuite> suites;
  for (const CheckedSet& set : sets) {
    JunitSuite& suite = suites.emplace_back();
    suite.name = set.directory;
    std::set<std::string> files(set.files.begin(), set.files.end());
    for (const Diagnostic& diagnostic : set.diagnostics) {
      files.insert(diagnostic.file);
    }
    for (const std::string& file : files) {
      JunitCase one{.name = file, .file = PrefixOf(set.directory) + file, .failures = {}};
      for (const Diagnostic& diagnostic : set.diagnostics) {
        if (diagnostic.file == file) {
          one.failures.push_back(
              {.type = std::string(diagnostic.id),
               .message = std::string(NameOf(diagnostic.severity)) + ": " + diagnostic.message,
               .text = policy::Render(diagnostic, {.file_prefix = PrefixOf(set.directory)})});
        }
      }
      suite.cases.push_back(std::move(one));
    }
  }
  return ReportJunit(suites);
}

}  // namespace kulanz::command
