// What templates may name: the variables, and the values of one letter.
//
// A variable has a dotted name with one dot, "voucher.amount". An optional one may be absent, so a
// template may show it only inside a section that is shown when it is there; then no letter ever has a
// hole in a sentence.
//
// Thread-safety: plain values.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace kulanz::adapters {

struct VariableDeclaration {
  bool is_flag = false;  // for sections only
  // Sections that prove its presence; empty for one that every letter has. Includes the variable itself.
  std::vector<std::string> guards;
  bool optional() const { return !guards.empty(); }
};
using VariableDeclarations = std::map<std::string, VariableDeclaration, std::less<>>;

// The variables that every message has. rules/messages/README.md lists them for authors.
const VariableDeclarations& StandardVariables();

// A text, or a flag. Absent and false and empty are all "not there" to a section.
using VariableValues = std::map<std::string, std::variant<std::string, bool>, std::less<>>;

}  // namespace kulanz::adapters
