// Running one conformance test.
//
// Thread-safety: a pure function.
#pragma once

#include <string>

#include "tests/conformance/json.h"

namespace kulanz::conformance {

struct Outcome {
  enum class Kind { kPassed, kFailed, kSkipped };
  Kind kind = Kind::kPassed;
  std::string reason;    // why it was skipped
  std::string expected;  // of a failure
  std::string actual;
  // The deduced type differs from the reference implementation's: told, not counted as a failure,
  // unless the test itself asks for the type.
  std::string type_difference;
};

// `test` as in the files' README. Tests outside the profile are skipped.
Outcome RunCase(const Json& test);

}  // namespace kulanz::conformance
