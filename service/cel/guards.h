// Guards: conditions that must hold for a boolean expression to be true, as an index over many policies
// wants them: `incident.cause == "carrier" && ...` can only be true for that cause.
//
// Thread-safety: pure functions.
#pragma once

#include <vector>

#include "service/cel/ast.h"
#include "service/cel/program.h"
#include "service/cel/value.h"

namespace kulanz::cel {

struct FoundGuard {
  int slot = 0;
  std::vector<Value> values;  // they point into the tree
};
// The guards among the top-level conjuncts: slot == constant, slot in [constants].
std::vector<FoundGuard> FindGuards(const Ast& ast);

// Every slot that the expression reads or tests, ascending.
std::vector<int> FindSlots(const Ast& ast);

}  // namespace kulanz::cel
