// PolicyFiles: the files of a policy set, as they are in a folder or in memory.
//
//   incidents.yaml        the declared incident types (required)
//   people.yaml           who signs (optional)
//   customers.yaml        what is known of customers besides (optional)
//   calendars.yaml        working days and opening hours (optional)
//   tables.yaml           rates (optional)
//   settings.yaml         what holds for the whole set (optional)
//   shared/*.yaml         variables that policies import
//   policies/*.yaml       one policy per file
//   messages/<name>/      the letters; only the names of the folders are looked at here (shared/ is none)
//
// Left alone: dotfiles (also Kubernetes' ..data), *_test.yaml, the folders examples/, schema/ and tests/,
// and files that are no YAML. Any other YAML file is an error, because a policy in the wrong place
// would be missed by nobody until it is needed.
//
// Thread-safe.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "service/policy/diagnostic.h"

namespace kulanz::policy {

struct PolicyFile {
  std::string name;  // relative to the set's folder, with '/'
  std::string text;
};

struct PolicyFiles {
  std::vector<PolicyFile> files;  // any order
  // The names of the messages; nothing when the set has no folder of messages.
  std::optional<std::set<std::string, std::less<>>> messages;
};

inline constexpr std::size_t kPolicyFilesMax = 2'000;
inline constexpr std::string_view kIncidentsFile = "incidents.yaml";
inline constexpr std::string_view kPeopleFile = "people.yaml";
inline constexpr std::string_view kCustomersFile = "customers.yaml";
inline constexpr std::string_view kCalendarsFile = "calendars.yaml";
inline constexpr std::string_view kTablesFile = "tables.yaml";
inline constexpr std::string_view kSettingsFile = "settings.yaml";
inline constexpr std::string_view kSharedFolder = "shared/";
inline constexpr std::string_view kPoliciesFolder = "policies/";

// Reads the folder; links are followed. What could not be read is in `sink`.
PolicyFiles ReadPolicyFiles(const std::string& directory, DiagnosticSink& sink);

// What a file name means to a policy set.
enum class FileRole : std::uint8_t {
  kIncidents,
  kPeople,
  kCustomers,
  kCalendars,
  kTables,
  kSettings,
  kShared,
  kPolicy,
  kIgnored,
  kUnexpected
};
FileRole RoleOf(std::string_view name);

}  // namespace kulanz::policy
