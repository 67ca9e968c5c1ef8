// Loading a policy set for a verb that works with it: everything that is wrong is told first.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "service/policy/diagnostic.h"
#include "service/policy/policy_set.h"
#include "service/policy/source_file.h"

namespace kulanz::command {

// Null when the set cannot be loaded; why is on standard error then. Warnings are not told: they are for
// `kulanz check`.
std::shared_ptr<const policy::PolicySet> LoadRules(const std::string& directory);

// The text of a file, or of standard input for "-", named as the user did. Nothing when it cannot be read
// or is larger than a policy file may be, which is on standard error then.
std::optional<policy::SourceFile> ReadSource(const std::string& path);

// To standard error, with colours where that is a terminal.
void PrintDiagnostics(const policy::Diagnostics& diagnostics, const std::string& prefix);

}  // namespace kulanz::command
