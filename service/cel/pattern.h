// Regular expressions: RE2, so that matching takes linear time whatever the pattern.
//
// Thread-safety: patterns are immutable and may be used by several threads at once.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "service/cel/function.h"
#include "service/cel/value.h"

namespace kulanz::cel {

class Pattern {
 public:
  virtual ~Pattern() = default;
  // Whether some part of `text` matches.
  virtual bool Finds(std::string_view text) const = 0;
};

// Null, with a sentence in `error`, when `pattern` is malformed or its program is too large.
std::unique_ptr<const Pattern> CompilePattern(std::string_view pattern, std::string& error);

// string.matches(pattern). The pattern is a Pattern that the planner bound (bound_argument.h), or a
// string, which is compiled on each call and so calls the heap.
Value Matches(CallContext& context, const Value* args);

}  // namespace kulanz::cel
