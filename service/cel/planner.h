// Planner: from a resolved syntax tree to a tree of nodes that evaluates fast.
//
// Calls whose overload is known are direct; constants are folded; comparisons and `in` over constants get
// nodes of their own. With `observed`, every node but literals tells the evaluation's observer its value,
// so that an explanation shows each part as the author wrote it.
//
// Thread-safety: none (planning).
#pragma once

#include <vector>

#include "service/cel/ast.h"
#include "service/cel/environment.h"
#include "service/cel/evaluation.h"
#include "service/cel/named_arguments.h"

namespace kulanz::cel {

// A call of constants that always fails, e.g. 1 / 0: an error only when it is evaluated.
struct FailingPart {
  TextSpan span;
  Value error;
};

struct PlanInput {
  const Ast& ast;
  const Environment& environment;
  bool observed = false;
};

// The root node. Nodes and constants live in `store`, what they are bound to in `objects`, and names in
// the tree: all must outlive the plan.
const Node* Plan(const PlanInput& input, NodeStore& store, BoundObjects& objects,
                 std::vector<FailingPart>& failing);

}  // namespace kulanz::cel
