// Reads one policy file.
//
// Thread-safe.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "service/policy/fields.h"
#include "service/policy/incident_type.h"
#include "service/policy/inputs.h"
#include "service/policy/policy.h"
#include "service/policy/shared_reader.h"
#include "service/policy/yaml_tree.h"

namespace kulanz::policy {

// A policy with the places of what the loader still has to compare with the rest of the set. When its
// file had problems it may be incomplete, but what is there is right.
struct PolicyDraft {
  std::unique_ptr<Policy> policy;
  const SourceFile* file = nullptr;
  const Node* root = nullptr;  // the file's tree
  TextSpan id;
  TextSpan budget;
  std::vector<TextSpan> messages;  // `message`, then those of message_by_severity by severity
  TextSpan signed_by;
  TextSpan currency;
  std::vector<std::string> imports;
};

// What a policy is read against. With `incidents_known` false (incidents.yaml could not be read) nothing
// is said about incident types, and expressions are not checked.
struct PolicyReadOptions {
  std::span<const IncidentType> types;
  bool incidents_known = true;
  int first_variable = 0;
  InputsOfPolicies& inputs;
  std::span<const SharedVariables> shared = {};  // by file name
};

PolicyDraft ReadPolicy(const FileContext& context, const Node& root,
                       const PolicyReadOptions& options);

inline constexpr std::size_t kSummaryBytesMax = 200;
inline constexpr std::size_t kImportsMax = 16;
inline constexpr std::size_t kPolicyIncidentsMax = 50;
inline constexpr std::int64_t kPriorityMax = 1'000'000;

}  // namespace kulanz::policy
