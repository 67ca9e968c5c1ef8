// Suite: one conformance file, and its types and values as ours.
//
// Thread-safety: none.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/cel/arena.h"
#include "service/cel/type.h"
#include "service/cel/value.h"
#include "tests/conformance/json.h"

namespace kulanz::conformance {

struct Suite {
  std::string name;  // the file's name without ".json"
  Json json;
  // The tests of all sections, or of an extra_*.json file.
  std::vector<const Json*> tests() const;
};

// The suites of every *.json below a directory, or of one file, sorted by name; nothing when `path` does
// not exist or a file is no suite, with the reason in `error`.
std::optional<std::vector<Suite>> LoadSuites(const std::string& path, std::string& error);

// A type in the files' notation; nothing for one that we have not (wrappers, messages).
std::optional<cel::Type> TypeOf(const Json& json);
// A value in the files' notation, kept in `arena`; nothing for one that we have not.
std::optional<cel::Value> ValueOf(const Json& json, cel::Arena& arena);
// Whether the two are the same kind and value; maps in any order, NaN equal to NaN.
bool SameValue(const cel::Value& a, const cel::Value& b);

}  // namespace kulanz::conformance
