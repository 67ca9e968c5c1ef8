#include "service/policy/policy_files.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "service/policy/diagnostic_ids.h"
#include "service/policy/yaml_reader.h"

namespace kulanz::policy {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 4> kIgnoredFolders = {"messages", "examples", "schema",
                                                             "tests"};

bool IsYaml(std::string_view name) { return name.ends_with(".yaml") || name.ends_with(".yml"); }

// The text, or what the system said. Reads at most one byte more than a file may have.
std::optional<std::string> ReadFile(const fs::path& path, std::string& problem) {
  struct Close {
    void operator()(std::FILE* file) const { static_cast<void>(std::fclose(file)); }
  };
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rb"));
  if (!file) {
    problem = std::generic_category().message(errno);
    return std::nullopt;
  }
  std::string text;
  std::array<char, 8192> part;  // most policies fit
  while (text.size() <= kYamlBytesMax) {
    const std::size_t wanted = std::min(part.size(), kYamlBytesMax + 1 - text.size());
    const std::size_t size = std::fread(part.data(), 1, wanted, file.get());
    if (std::ferror(file.get()) != 0) {
      problem = std::generic_category().message(errno);
      return std::nullopt;
    }
    text.append(part.data(), size);
    if (size < wanted) {
      break;
    }
  }
  return text;
}

class FolderReader {
 public:
  FolderReader(DiagnosticSink& sink, PolicyFiles& files) : sink_(sink), files_(files) {}

  void ReadFolder(const fs::path& path, const std::string& prefix) {
    for (const auto& [base, entry] : Entries(path, prefix)) {
      if (base.starts_with('.')) {
        continue;
      }
      std::error_code error;
      if (entry.is_directory(error)) {
        if (prefix.empty()) {
          ReadTopFolder(entry.path(), base);
        } else {
          Walk(entry.path(), prefix + base + "/");
        }
      } else if (RoleOf(prefix + base) != FileRole::kIgnored) {
        AddFile(entry.path(), prefix + base);
      }
    }
  }

 private:
  static constexpr int kDepthMax = 8;  // folders within folders; links could make a circle

  void Walk(const fs::path& path, const std::string& prefix) {
    if (std::count(prefix.begin(), prefix.end(), '/') <= kDepthMax) {
      ReadFolder(path, prefix);
    } else {
      sink_.AddForFile(prefix, diagnostic_id::kUnexpectedFile, "folders are nested too deeply");
    }
  }

  void ReadTopFolder(const fs::path& path, const std::string& name) {
    if (name == "messages") {
      files_.messages.emplace();
      for (const auto& [base, message] : Entries(path, "messages/")) {
        std::error_code error;
        // shared/ holds what several messages have in common and is none itself.
        if (message.is_directory(error) && !base.starts_with('.') && base != "shared") {
          files_.messages->insert(base);
        }
      }
    } else if (RoleOf(name + "/x.yaml") != FileRole::kIgnored) {
      Walk(path, name + "/");
    }
  }

  struct Entry {
    std::string name;
    fs::directory_entry entry;
  };

  std::vector<Entry> Entries(const fs::path& path, const std::string& name) {
    std::vector<Entry> entries;
    std::error_code error;
    for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
      entries.push_back({at->path().filename().string(), *at});
    }
    if (error) {
      sink_.AddForFile(name.empty() ? path.string() : name, diagnostic_id::kUnreadable,
                       "the folder cannot be read: " + error.message());
    }
    std::sort(entries.begin(), entries.end(),
              [](const Entry& a, const Entry& b) { return a.name < b.name; });
    return entries;
  }

  void AddFile(const fs::path& path, const std::string& name) {
    if (files_.files.size() >= kPolicyFilesMax) {
      if (files_.files.size() == kPolicyFilesMax && !std::exchange(is_full_, true)) {
        sink_.AddForFile(name, diagnostic_id::kTooManyFiles,
                         "a policy set has at most " + std::to_string(kPolicyFilesMax) + " files");
      }
      return;
    }
    std::string problem;
    std::optional<std::string> text = ReadFile(path, problem);
    if (text) {
      files_.files.push_back({.name = name, .text = std::move(*text)});
    } else {
      sink_.AddForFile(name, diagnostic_id::kUnreadable, "the file cannot be read: " + problem);
    }
  }

  DiagnosticSink& sink_;
  PolicyFiles& files_;
  bool is_full_ = false;
};

}  // namespace

FileRole RoleOf(std::string_view name) {
  const std::string_view base = name.substr(name.rfind('/') + 1);
  const std::string_view folder = name.substr(0, std::min(name.find('/'), name.size()));
  if (!IsYaml(base) || base.starts_with('.') || base.ends_with("_test.yaml") ||
      (folder != name && std::find(kIgnoredFolders.begin(), kIgnoredFolders.end(), folder) !=
                             kIgnoredFolders.end())) {
    return FileRole::kIgnored;
  }
  constexpr std::array<std::pair<std::string_view, FileRole>, 6> kFiles = {{
      {kIncidentsFile, FileRole::kIncidents},
      {kPeopleFile, FileRole::kPeople},
      {kCustomersFile, FileRole::kCustomers},
      {kCalendarsFile, FileRole::kCalendars},
      {kTablesFile, FileRole::kTables},
      {kSettingsFile, FileRole::kSettings},
  }};
  for (const auto& [file, role] : kFiles) {
    if (name == file) {
      return role;
    }
  }
  const auto is_in = [name](std::string_view of) {
    return name.starts_with(of) && name.ends_with(".yaml") &&
           name.find('/', of.size()) == std::string_view::npos;
  };
  return is_in(kPoliciesFolder) ? FileRole::kPolicy
         : is_in(kSharedFolder) ? FileRole::kShared
                                : FileRole::kUnexpected;
}

PolicyFiles ReadPolicyFiles(const std::string& directory, DiagnosticSink& sink) {
  PolicyFiles files;
  try {
    FolderReader(sink, files).ReadFolder(fs::path(directory), "");
  } catch (const std::exception& exception) {  // names that are no paths, out of memory
    sink.AddForFile(directory, diagnostic_id::kUnreadable,
                    std::string("the folder cannot be read: ") + exception.what());
  }
  return files;
}

}  // namespace kulanz::policy
