// Macros: calls that the parser turns into other trees before anything is checked.
//
// The standard ones (has, all, exists, exists_one, map, filter), the two-variable comprehensions,
// cel.bind, optMap/optFlatMap and math.greatest/least; and the literal macros of Goodwill CEL: eur(25.00),
// money(25.00, "CHF"), decimal(0.15), percent(12.5) take the number's source text, so that it never
// passes through a double.
//
// Thread-safety: none (they add to the tree).
#pragma once

#include "service/cel/ast.h"
#include "service/cel/diagnostic.h"

namespace kulanz::cel {

// What `call` expands to; `call` itself when its name and number of arguments belong to no macro. A
// macro used wrongly gives a kInvalid node and a diagnostic.
Expr* ExpandMacro(Ast& ast, Expr* call, Diagnostics& diagnostics);

// The literal macros alone (literal_macros.cc).
Expr* ExpandLiteralMacro(Ast& ast, Expr* call, Diagnostics& diagnostics);
// Whether `name` is one of them; hosts and the checker use it for hints.
bool IsLiteralMacro(std::string_view name);

}  // namespace kulanz::cel
