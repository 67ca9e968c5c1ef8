#include "service/kulanz/rule_sets.h"

#include <algorithm>
#include <filesystem>

#include "service/policy/policy_files.h"

namespace kulanz::command {
namespace {

namespace fs = std::filesystem;

constexpr int kLevelsUp = 6;     // rules/policies/telco/fixed/late_test.yaml, and a bit more
constexpr int kLevelsDown = 12;  // links may form a ring

std::vector<fs::path> EntriesOf(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (!it->path().filename().string().starts_with('.')) {
      entries.push_back(it->path());
    }
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

bool IsFolder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

void CollectSets(const fs::path& folder, int levels, std::vector<std::string>& sets) {
  if (IsSet(folder.string())) {
    sets.push_back(folder.string());
  }
  for (const fs::path& entry : EntriesOf(folder)) {
    if (levels > 0 && IsFolder(entry)) {
      CollectSets(entry, levels - 1, sets);
    }
  }
}

void CollectTests(const fs::path& folder, int levels, std::vector<std::string>& files) {
  for (const fs::path& entry : EntriesOf(folder)) {
    if (!IsFolder(entry)) {
      if (entry.filename().string().ends_with("_test.yaml")) {
        files.push_back(entry.string());
      }
    } else if (levels > 0 && !IsSet(entry.string())) {
      CollectTests(entry, levels - 1, files);
    }
  }
}

}  // namespace

bool IsSet(const std::string& folder) {
  std::error_code error;
  return fs::is_regular_file(fs::path(folder) / policy::kIncidentsFile, error);
}

std::string SetOf(const std::string& file) {
  fs::path folder = fs::path(file).parent_path();
  for (int levels = 0; levels < kLevelsUp; ++levels) {
    const fs::path here = folder.empty() ? fs::path(".") : folder;
    if (IsSet(here.string())) {
      return here.string();
    }
    folder = folder.empty() ? fs::path("..") : (folder / "..").lexically_normal();
  }
  const fs::path own = fs::path(file).parent_path();
  return own.empty() ? "." : own.string();
}

std::vector<std::string> SetsBelow(const std::string& folder) {
  std::vector<std::string> sets;
  CollectSets(folder, kLevelsDown, sets);
  if (sets.empty()) {
    sets.push_back(folder);
  }
  return sets;
}

std::vector<std::string> TestFilesOf(const std::string& set) {
  std::vector<std::string> files;
  CollectTests(set, kLevelsDown, files);
  return files;
}

}  // namespace kulanz::command
