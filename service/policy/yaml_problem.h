// What is wrong with a file that is no YAML, said for a person.
//
// Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "service/policy/source_file.h"

namespace kulanz::policy {

struct YamlProblem {
  TextSpan span;
  std::string message;
  std::string hint;
};

// `span`: where yaml-cpp gave up, which may be a line after the mistake; `message`: its own words.
YamlProblem ExplainYaml(const SourceFile& file, TextSpan span, std::string_view message);

}  // namespace kulanz::policy
