#include "service/kulanz/check/checked_set.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <utility>

#include "service/adapters/mail/message_set.h"
#include "service/kulanz/diagnostic_ids.h"
#include "service/policy/loader.h"

namespace kulanz::command {
namespace {

namespace fs = std::filesystem;
using policy::Diagnostic;

std::string LineOf(const std::string& file, int number) {
  std::ifstream in(file, std::ios::binary);
  std::string line;
  for (int i = 0; i < number; ++i) {
    if (!std::getline(in, line)) {
      return "";
    }
  }
  return Printable(line);
}

// A letter's problem has a line; the word that it quotes, if any, gives the column.
Diagnostic Placed(const adapters::TemplateProblem& problem, const std::string& folder) {
  Diagnostic diagnostic;
  diagnostic.id = diagnostic_id::kBadMessage;
  diagnostic.file = fs::path(problem.file).lexically_relative(folder).generic_string();
  diagnostic.message = problem.message;
  diagnostic.line = problem.line;
  if (problem.line == 0) {
    return diagnostic;
  }
  diagnostic.excerpt = LineOf(problem.file, problem.line);
  diagnostic.column = 1;
  const std::size_t open = problem.message.find('\'');
  const std::size_t close = problem.message.find('\'', open + 1);
  if (close != std::string::npos) {
    const std::string word = problem.message.substr(open + 1, close - open - 1);
    const std::size_t at = diagnostic.excerpt.find(word);
    if (at != std::string::npos && !word.empty()) {
      diagnostic.column = static_cast<int>(ColumnsOf(diagnostic.excerpt.substr(0, at))) + 1;
      diagnostic.width = static_cast<int>(ColumnsOf(word));
    }
  }
  return diagnostic;
}

// The server loads letters only when it is to send them; a folder without them is a good one.
bool CheckMessages(const std::string& directory, const std::string& locale, CheckedSet& set) {
  const std::string folder = (fs::path(directory) / "messages").string();
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    return true;
  }
  set.has_messages = true;
  adapters::TemplateProblems problems;
  const bool good = adapters::MessageSet::Load(folder, locale, problems) != nullptr;
  for (const adapters::TemplateProblem& problem : problems) {
    set.diagnostics.push_back(Placed(problem, directory));
    set.files.push_back(set.diagnostics.back().file);
  }
  return good;
}

}  // namespace

CheckedSet CheckFolder(const std::string& directory, const std::string& locale) {
  policy::LoadResult result = policy::LoadPolicySet(directory);
  CheckedSet set;
  set.directory = directory;
  set.diagnostics = std::move(result.diagnostics);
  set.files = std::move(result.files);
  const bool letters_are_good = CheckMessages(directory, locale, set);
  std::sort(set.files.begin(), set.files.end());
  set.files.erase(std::unique(set.files.begin(), set.files.end()), set.files.end());
  set.ok = result.ok() && letters_are_good;
  if (set.ok) {
    set.policies = result.policies->policy_count();
    set.revision = result.policies->revision().text();
  }
  return set;
}

std::size_t CountOf(const std::vector<CheckedSet>& sets, policy::Severity severity) {
  std::size_t count = 0;
  for (const CheckedSet& set : sets) {
    count += static_cast<std::size_t>(
        std::count_if(set.diagnostics.begin(), set.diagnostics.end(),
                      [severity](const Diagnostic& d) { return d.severity == severity; }));
  }
  return count;
}

std::string PrefixOf(const std::string& directory) {
  return directory.empty() || directory.ends_with('/') ? directory : directory + "/";
}

}  // namespace kulanz::command
