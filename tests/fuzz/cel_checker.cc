// Any bytes as an expression, checked in both modes and unchecked: the compiler gives a program or says
// why not, in bounded time, and what it says lies in the text.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "service/base/check.h"
#include "service/cel/program.h"
#include "tests/fuzz/cel_environment.h"

namespace {

using namespace kulanz::cel;  // NOLINT(google-build-using-namespace): the subject of this program

void CheckResult(const CompileResult& result, std::string_view text) {
  KULANZ_CHECK(result.ok() || !result.diagnostics.empty(), "no failure without a reason");
  for (const Diagnostic& diagnostic : result.diagnostics) {
    KULANZ_CHECK(diagnostic.span.begin <= diagnostic.span.end && diagnostic.span.end <= text.size(),
                 "places lie in the text");
    KULANZ_CHECK(!diagnostic.id.empty() && !diagnostic.message.empty(), "problems have words");
    KULANZ_CHECK(!Render(diagnostic, text, "fuzz").empty(), "every problem can be shown");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Environment policy = FuzzEnvironment(Mode::kPolicy);
  static const Environment standard = FuzzEnvironment(Mode::kStandard);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes as bytes.
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  CheckResult(Compile(text, policy), text);
  CheckResult(Compile(text, policy, {.type = Type::Bool()}), text);
  CheckResult(Compile(text, standard), text);
  CheckResult(CompileUnchecked(text, standard), text);
  return 0;
}
