// Any bytes as an expression: the parser gives a tree or says why not, every place that it names is in
// the text, no tree is deeper than allowed, and every problem can be shown.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "service/base/check.h"
#include "service/cel/ast.h"
#include "service/cel/limits.h"
#include "service/cel/parser.h"

namespace {

using namespace kulanz::cel;  // NOLINT(google-build-using-namespace): the subject of this program

void CheckTree(const Expr& expr, std::size_t size, int depth) {
  KULANZ_CHECK(depth <= 2 * kMaxDepth, "the tree is as deep as allowed");
  KULANZ_CHECK(expr.span.begin <= expr.span.end && expr.span.end <= size, "spans lie in the text");
  KULANZ_CHECK(expr.kind != ExprKind::kInvalid, "a tree without problems is whole");
  for (const Expr* arg : expr.args) {
    CheckTree(*arg, size, depth + 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > kMaxTextBytes) {
    return 0;
  }
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes as bytes.
  Ast ast(std::string(reinterpret_cast<const char*>(data), size));
  Diagnostics diagnostics;
  const bool parsed = Parse(ast, kMaxDepth, diagnostics);
  KULANZ_CHECK(parsed == diagnostics.empty(), "no failure without a reason");
  if (parsed) {
    CheckTree(*ast.root(), size, 1);
  }
  for (const Diagnostic& diagnostic : diagnostics) {
    KULANZ_CHECK(diagnostic.span.begin <= diagnostic.span.end && diagnostic.span.end <= size,
                 "places lie in the text");
    KULANZ_CHECK(!Render(diagnostic, ast.text(), "fuzz").empty(), "every problem can be shown");
  }
  return 0;
}
