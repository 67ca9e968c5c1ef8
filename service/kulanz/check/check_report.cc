#include "service/kulanz/check/check_report.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>
#include <string_view>

namespace kulanz::command {
namespace {

using policy::Diagnostic;
using policy::Severity;

std::string PrefixOf(const CheckedSet& set) {
  return set.directory.empty() || set.directory.ends_with('/') ? set.directory
                                                               : set.directory + "/";
}

std::size_t Count(const std::vector<CheckedSet>& sets, Severity severity) {
  std::size_t count = 0;
  for (const CheckedSet& set : sets) {
    count += static_cast<std::size_t>(
        std::count_if(set.diagnostics.begin(), set.diagnostics.end(),
                      [severity](const Diagnostic& d) { return d.severity == severity; }));
  }
  return count;
}

std::string Plural(std::size_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string SumUp(const std::vector<CheckedSet>& sets) {
  std::size_t policies = 0;
  std::set<std::string> files;
  for (const CheckedSet& set : sets) {
    policies += set.policies;
    for (const Diagnostic& diagnostic : set.diagnostics) {
      files.insert(PrefixOf(set) + diagnostic.file);
    }
  }
  const std::size_t errors = CountErrors(sets);
  const std::size_t warnings = Count(sets, Severity::kWarning);
  if (errors == 0 && warnings == 0) {
    std::string text = Plural(policies, "policy");
    if (policies != 1) {
      text = std::to_string(policies) + " policies";
    }
    text += ", no problems";
    return sets.size() == 1 && !sets[0].revision.empty()
               ? text + "; revision " + sets[0].revision.substr(0, 12)
               : text;
  }
  std::string text = Plural(errors, "error");
  if (warnings > 0) {
    text += ", " + Plural(warnings, "warning");
  }
  return text + " in " + Plural(files.size(), "file");
}

void AppendJson(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.append({'\\', c});
    } else if (byte < 0x20U) {
      std::array<char, 8> escape{};
      static_cast<void>(std::snprintf(escape.data(), escape.size(), "\\u%04x", unsigned{byte}));
      out += escape.data();
    } else {
      out += c;
    }
  }
  out += '"';
}

void AppendField(std::string_view key, std::string_view value, std::string& out) {
  AppendJson(key, out);
  out += ": ";
  AppendJson(value, out);
}

void AppendDiagnostic(const CheckedSet& set, const Diagnostic& diagnostic, std::string& out) {
  out += '{';
  AppendField("id", diagnostic.id, out);
  out += ", ";
  AppendField("severity", diagnostic.severity == Severity::kError ? "error" : "warning", out);
  out += ", ";
  AppendField("file", PrefixOf(set) + diagnostic.file, out);
  out += ", \"line\": " + std::to_string(diagnostic.line);
  out += ", \"column\": " + std::to_string(diagnostic.column) + ", ";
  AppendField("message", diagnostic.message, out);
  out += ", ";
  AppendField("hint", diagnostic.hint, out);
  out += '}';
}

}  // namespace

std::size_t CountErrors(const std::vector<CheckedSet>& sets) {
  return Count(sets, Severity::kError);
}

std::string ReportText(const std::vector<CheckedSet>& sets, bool color) {
  std::string out;
  for (const CheckedSet& set : sets) {
    out += policy::Render(set.diagnostics, {.color = color, .file_prefix = PrefixOf(set)});
  }
  return out + SumUp(sets) + "\n";
}

std::string ReportJson(const std::vector<CheckedSet>& sets) {
  std::string out = "{\"errors\": " + std::to_string(CountErrors(sets)) +
                    ", \"warnings\": " + std::to_string(Count(sets, Severity::kWarning)) +
                    ", \"sets\": [";
  for (std::size_t i = 0; i < sets.size(); ++i) {
    const CheckedSet& set = sets[i];
    out += i == 0 ? "{" : ", {";
    AppendField("directory", set.directory, out);
    out += ", \"policies\": " + std::to_string(set.policies) + ", ";
    AppendField("revision", set.revision, out);
    out += ", \"diagnostics\": [";
    for (std::size_t j = 0; j < set.diagnostics.size(); ++j) {
      out += j == 0 ? "" : ", ";
      AppendDiagnostic(set, set.diagnostics[j], out);
    }
    out += "]}";
  }
  return out + "]}\n";
}

}  // namespace kulanz::command
