// Format: the canonical form of a YAML file of a policy set.
//
// Two columns a level, one blank between things, quotes only where they are needed, blank lines between the
// sections of a policy and its keys in the order of the documentation. Comments stay with what they are about.
// What the file means never changes: the result is read again and compared. Thread-safe; pure.
#pragma once

#include <string>

#include "service/policy/diagnostic.h"
#include "service/policy/source_file.h"

namespace kulanz::command {

enum class FormatOutcome : unsigned char {
  kFormatted,  // `text` is the canonical form, perhaps the same as before
  kNotYaml,    // `diagnostics` say why
  kLeftAlone,  // written in a way that the formatter does not follow
};

struct FormatResult {
  FormatOutcome outcome = FormatOutcome::kLeftAlone;
  std::string text;
  policy::Diagnostics diagnostics;
};

FormatResult Format(const policy::SourceFile& file);

}  // namespace kulanz::command
