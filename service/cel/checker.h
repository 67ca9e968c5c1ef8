// Checker: gives every part of a syntax tree its type, and every name its meaning.
//
// Follows the CEL specification and cel-go: parametric overloads, type variables, dyn. In policy mode it
// also refuses dyn. All problems are reported; a part with a problem gets the error type, which agrees
// with everything, so that one mistake is not reported twice.
//
// Thread-safety: a pure function of its arguments (it writes into the tree).
#pragma once

#include "service/cel/ast.h"
#include "service/cel/diagnostic.h"
#include "service/cel/environment.h"
#include "service/cel/program.h"

namespace kulanz::cel {

// True when no error was found. `expected`: what the whole must be.
bool Check(Ast& ast, const Environment& environment, const Expected& expected,
           Diagnostics& diagnostics);

// Instead of Check: only finds what names mean, and leaves the rest to evaluation (resolver.cc).
void ResolveNames(Ast& ast, const Environment& environment);

}  // namespace kulanz::cel
