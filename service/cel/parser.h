// Parser: from text to a syntax tree, macros expanded.
//
// Recursive descent with precedence climbing; the depth limit bounds the recursion, so that no text can
// overflow the stack. After a syntax error it stops (what follows would be guesswork); bad literals,
// reserved names and misused macros are all reported.
//
// Thread-safety: a pure function.
#pragma once

#include "service/cel/ast.h"
#include "service/cel/diagnostic.h"

namespace kulanz::cel {

// Parses ast.text() into ast.root(). False, with at least one diagnostic, when it is not an expression
// that can be checked. `max_depth`: levels of nesting (limits.h).
bool Parse(Ast& ast, int max_depth, Diagnostics& diagnostics);

}  // namespace kulanz::cel
