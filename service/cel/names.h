// Names: what an identifier or a chain of selections stands for, following CEL's resolution rules.
//
// Comprehension variables come first, then declarations: in a container "a.b" the name x.y is looked for
// as a.b.x.y, a.x.y and x.y, the longest chain before its parts. A leading dot starts at the root.
//
// Thread-safety: none; one per compilation.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/cel/ast.h"
#include "service/cel/environment.h"
#include "service/cel/library.h"
#include "service/cel/type.h"
#include "service/cel/value.h"

namespace kulanz::cel {

struct Local {
  std::string_view name;
  Type type;
  int index = 0;
};

struct Resolved {
  RefKind kind = RefKind::kNone;                          // kSlot, kConstant, kStruct or kNone
  std::string_view full_name;                             // lives as long as the environment
  const Environment::Declaration* declaration = nullptr;  // of a slot or a host's constant
  Value constant;
  Type type;
};

class Names {
 public:
  explicit Names(const Environment& environment) : environment_(environment) {}

  // Comprehension variables. Push returns the slot of the new one, or -1 when there are too many.
  int Push(std::string_view name, Type type);
  void Pop() { locals_.pop_back(); }
  const Local* FindLocal(std::string_view name) const;
  int most_locals() const { return most_locals_; }

  // A declared variable, constant, struct or type name.
  Resolved Resolve(std::string_view name, bool leading_dot) const;
  // The overloads of a function, from the host and the library; `full_name` gets the name found.
  std::vector<const Overload*> FindFunction(std::string_view name, bool leading_dot,
                                            std::string* full_name = nullptr) const;
  // "a.b.c" of a chain of plain selections; empty for any other expression. `root` gets the first name.
  static std::string ChainOf(const Expr& expr, const Expr** root);
  // Whether the chain's first name is a comprehension variable.
  bool StartsWithLocal(const Expr& root) const {
    return !root.leading_dot && FindLocal(root.name) != nullptr;
  }

 private:
  // Calls `look` with each candidate until it returns true.
  template <typename Look>
  bool EachCandidate(std::string_view name, bool leading_dot, const Look& look) const;
  bool LookUp(std::string_view name, Resolved& resolved) const;

  const Environment& environment_;
  std::vector<Local> locals_;
  int most_locals_ = 0;
};

}  // namespace kulanz::cel
