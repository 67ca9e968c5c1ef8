// Lint: what a policy set may say, but can hardly mean. Warnings only; nothing is said that is not certain.
//
// Looked for in a set without errors: rows that are never reached, limits that never bind, policies of which
// only the order of their ids says who answers, keys without effect, and names that nothing uses.
//
// Thread-safe.
#pragma once

#include <span>

#include "service/policy/diagnostic.h"
#include "service/policy/policy_reader.h"
#include "service/policy/policy_set.h"
#include "service/policy/shared_reader.h"
#include "service/policy/yaml_tree.h"

namespace kulanz::policy {

// A file that gives names to things: calendars.yaml, tables.yaml, people.yaml. Null: there is none.
struct NamingFile {
  const SourceFile* source = nullptr;
  const Node* root = nullptr;
};

struct SetToLint {
  std::span<const PolicyDraft> drafts;  // by file name
  std::span<const SharedVariables> shared;
  Choose choose = Choose::kFirst;
  NamingFile calendars;
  NamingFile tables;
  NamingFile people;
};

void Lint(const SetToLint& set, DiagnosticSink& sink);

// lint_rows.cc: what is wrong with one policy by itself.
void LintPolicy(const PolicyDraft& draft, DiagnosticSink& sink);

}  // namespace kulanz::policy
