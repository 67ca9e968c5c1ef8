// What the benchmark evaluates: cel-go's thirteen reference expressions, twenty of goodwill policies, and
// the ones that the speed targets name.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "service/cel/environment.h"
#include "service/cel/program.h"
#include "service/cel/value.h"

namespace kulanz::cel {

struct BenchCase {
  std::string_view group;  // "reference", "goodwill", "target"
  std::string_view name;   // short and stable; compare.mjs finds the same expression by it
  std::string_view text;
  std::string_view result;  // as DebugString shows it
  double target_ns = 0;     // of policy-language.md; 0: none
};

// The cases, and the environment and inputs for a case's group.
std::vector<BenchCase> BenchCases();
const Environment& BenchEnvironment(std::string_view group);
std::span<const Value> BenchInputs(std::string_view group);

}  // namespace kulanz::cel
