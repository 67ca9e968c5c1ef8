#include "service/policy/loader.h"

#include <algorithm>
#include <array>
#include <exception>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "service/base/crypto.h"
#include "service/policy/breaker_reader.h"
#include "service/policy/calendar_reader.h"
#include "service/policy/customer_attributes.h"
#include "service/policy/diagnostic_ids.h"
#include "service/policy/incident_type_reader.h"
#include "service/policy/inputs.h"
#include "service/policy/lint.h"
#include "service/policy/policy_reader.h"
#include "service/policy/policy_set_builder.h"
#include "service/policy/scalars.h"
#include "service/policy/set_checks.h"
#include "service/policy/shared_reader.h"
#include "service/policy/table_reader.h"
#include "service/policy/yaml_reader.h"

namespace kulanz::policy {
namespace {

// A file with the tree that was read from it.
struct ParsedFile {
  SourceFile source;
  FileRole role;
  std::optional<Node> root;
};

std::vector<ParsedFile> Parse(const PolicyFiles& files, DiagnosticSink& sink) {
  std::vector<ParsedFile> parsed;
  parsed.reserve(files.files.size());
  for (const PolicyFile& file : files.files) {
    const FileRole role = RoleOf(file.name);
    if (role == FileRole::kUnexpected) {
      sink.AddForFile(
          file.name, diagnostic_id::kUnexpectedFile, "this file is in no place that is read",
          "policies are policies/<name>.yaml; examples, schemas and tests have folders of "
          "their own");
    } else if (role != FileRole::kIgnored) {
      parsed.push_back({.source = SourceFile(file.name, file.text), .role = role, .root = {}});
    }
  }
  std::sort(parsed.begin(), parsed.end(), [](const ParsedFile& a, const ParsedFile& b) {
    return a.source.name() < b.source.name();
  });
  for (ParsedFile& file : parsed) {
    file.root = ReadYaml(file.source, sink);
  }
  return parsed;
}

PolicyRevision RevisionOf(const std::vector<ParsedFile>& files) {
  std::string canonical;
  for (const ParsedFile& file : files) {
    canonical.append(file.source.name()).push_back('\0');
    canonical.append(std::to_string(file.source.text().size())).push_back('\0');
    canonical.append(file.source.text());
  }
  return PolicyRevision(ToHex(AsView(Sha256(canonical))));
}

const ParsedFile* FindRole(const std::vector<ParsedFile>& files, FileRole role) {
  const auto found = std::find_if(files.begin(), files.end(),
                                  [role](const ParsedFile& file) { return file.role == role; });
  return found == files.end() ? nullptr : &*found;
}

// What the expressions of all policies may name.
SharedData ReadSharedData(const std::vector<ParsedFile>& parsed, DiagnosticSink& sink) {
  SharedData shared;
  const ParsedFile* const calendars = FindRole(parsed, FileRole::kCalendars);
  if (calendars != nullptr && calendars->root) {
    shared.calendars = ReadCalendars({.file = calendars->source, .sink = sink}, *calendars->root);
  }
  const ParsedFile* const customers = FindRole(parsed, FileRole::kCustomers);
  if (customers != nullptr && customers->root) {
    shared.customer_attributes =
        ReadCustomerAttributes({.file = customers->source, .sink = sink}, *customers->root);
  }
  const ParsedFile* const tables = FindRole(parsed, FileRole::kTables);
  if (tables != nullptr && tables->root) {
    shared.tables = ReadTables({.file = tables->source, .sink = sink}, *tables->root);
  }
  return shared;
}

Choose ReadSettings(const FileContext& context, const Node& root) {
  static constexpr std::array<std::string_view, 2> kChoose = {"first", "highest"};
  const Fields fields(context, root, "settings.yaml",
                      {{"kulanz", Presence::kRequired}, {"choose"}, {"breakers"}});
  CheckVersion(context, fields);
  const Node* choose = fields.Find("choose");
  return choose != nullptr && ReadWord(context, *choose, kChoose) == std::size_t{1}
             ? Choose::kHighest
             : Choose::kFirst;
}

std::vector<SharedVariables> ReadAllShared(const std::vector<ParsedFile>& parsed,
                                           DiagnosticSink& sink) {
  std::vector<SharedVariables> shared;
  for (const ParsedFile& file : parsed) {
    if (file.role == FileRole::kShared && file.root) {
      shared.push_back(ReadShared({.file = file.source, .sink = sink}, *file.root));
    }
  }
  return shared;
}

std::vector<PolicyDraft> ReadPolicies(const std::vector<ParsedFile>& parsed, DiagnosticSink& sink,
                                      const PolicyReadOptions& options) {
  std::vector<PolicyDraft> drafts;
  for (const ParsedFile& file : parsed) {
    if (file.role == FileRole::kPolicy && file.root) {
      drafts.push_back(ReadPolicy({.file = file.source, .sink = sink}, *file.root, options));
    }
  }
  return drafts;
}

LoadResult Load(const PolicyFiles& files, DiagnosticSink& sink) {
  const std::vector<ParsedFile> parsed = Parse(files, sink);

  std::vector<IncidentType> types;
  const ParsedFile* incidents = FindRole(parsed, FileRole::kIncidents);
  if (incidents == nullptr) {
    sink.AddForFile(std::string(kIncidentsFile), diagnostic_id::kMissingFile,
                    "the policy set has no incidents.yaml",
                    "it declares the incident types that policies are about");
  } else if (incidents->root) {
    types = ReadIncidentTypes({.file = incidents->source, .sink = sink}, *incidents->root);
  }
  People people;
  const ParsedFile* people_file = FindRole(parsed, FileRole::kPeople);
  if (people_file != nullptr && people_file->root) {
    people = ReadPeople({.file = people_file->source, .sink = sink}, *people_file->root);
  }

  PolicySetBuilder builder(std::move(types));
  SharedData shared = ReadSharedData(parsed, sink);
  const InputLayout layout(builder.types(), shared.customer_attributes);
  builder.SetCustomerAttributes(shared.customer_attributes);
  InputsOfPolicies inputs(std::move(shared));
  const std::vector<SharedVariables> imports = ReadAllShared(parsed, sink);
  const ParsedFile* settings = FindRole(parsed, FileRole::kSettings);
  if (settings != nullptr && settings->root) {
    builder.SetChoose(ReadSettings({.file = settings->source, .sink = sink}, *settings->root));
  }
  std::vector<PolicyDraft> drafts =
      ReadPolicies(parsed, sink,
                   {.types = builder.types(),
                    .incidents_known = incidents != nullptr && incidents->root.has_value(),
                    .first_variable = layout.first_variable(),
                    .inputs = inputs,
                    .shared = imports});
  if (settings != nullptr && settings->root) {
    builder.SetBreakers(
        ReadBreakers({.file = settings->source, .sink = sink}, *settings->root,
                     {.types = builder.types(),
                      .incidents_known = incidents != nullptr && incidents->root.has_value(),
                      .drafts = drafts}));
  }
  CheckSet({.drafts = drafts,
            .shared = imports,
            .choose = builder.choose(),
            .people = people_file != nullptr && people_file->root ? &people : nullptr,
            .messages = files.messages ? &*files.messages : nullptr},
           sink);

  const auto naming = [&parsed](FileRole role) {
    const ParsedFile* file = FindRole(parsed, role);
    return file != nullptr && file->root ? NamingFile{&file->source, &*file->root} : NamingFile();
  };
  if (!sink.has_errors()) {
    Lint({.drafts = drafts,
          .shared = imports,
          .choose = builder.choose(),
          .calendars = naming(FileRole::kCalendars),
          .tables = naming(FileRole::kTables),
          .people = naming(FileRole::kPeople)},
         sink);
  }

  LoadResult result;
  if (!sink.has_errors()) {
    for (PolicyDraft& draft : drafts) {
      builder.AddPolicy(std::move(draft.policy));
    }
    builder.SetPeople(std::move(people));
    result.policies = builder.Build(RevisionOf(parsed), layout.first_variable());
  }
  result.diagnostics = sink.Take();
  for (const PolicyFile& file : files.files) {
    result.files.push_back(file.name);
  }
  std::sort(result.files.begin(), result.files.end());
  return result;
}

}  // namespace

LoadResult LoadPolicySet(const std::string& directory) {
  DiagnosticSink sink;
  const PolicyFiles files = ReadPolicyFiles(directory, sink);
  return Load(files, sink);
}

LoadResult LoadPolicySet(const PolicyFiles& files) {
  DiagnosticSink sink;
  return Load(files, sink);
}

}  // namespace kulanz::policy
