// Where our first error stands elsewhere than the reference implementation's, on purpose. Any other
// difference of place fails the test.
//
// Thread-safety: constants.
#pragma once

#include <algorithm>
#include <iterator>
#include <string_view>

namespace kulanz::conformance {

struct KnownPlace {
  std::string_view expr;
  std::string_view ours;  // "line:column"
  std::string_view reason;
};

inline constexpr std::string_view kAtName =
    "a call is wrong by its name, where the reference points at the parenthesis";
inline constexpr std::string_view kAtEscape =
    "an escape is shown itself, where the reference points at the text that it stands in";

inline constexpr KnownPlace kKnownPlaces[] = {
    {"fun()", "1:1", kAtName},
    {"undef()", "1:1", kAtName},
    {"'string'.fun()", "1:10", kAtName},
    {"[].length", "1:4", "a field is wrong by its name, where the reference points at the dot"},
    {"m.filter(a.b, false)", "1:10",
     "an argument is shown from its beginning, where the reference points at the dot within"},
    {"\"\\xFh\"", "1:2", kAtEscape},
    {"\"\\a\\b\\f\\n\\r\\t\\v\\'\\\"\\\\\\? Illegal escape \\>\"", "1:40", kAtEscape},
    {"'\\udead' == '\\ufffd'", "1:2", kAtEscape},
};

inline bool IsKnownPlace(std::string_view expr, std::string_view ours) {
  return std::any_of(
      std::begin(kKnownPlaces), std::end(kKnownPlaces),
      [&](const KnownPlace& known) { return known.expr == expr && known.ours == ours; });
}

}  // namespace kulanz::conformance
