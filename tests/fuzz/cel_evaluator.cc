// Any bytes as an expression, evaluated on made-up inputs: a value or an error value, twice the same,
// within the step and memory limits; an explanation ends in the same value; a checked policy never
// reads an input that is not there.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "service/base/check.h"
#include "service/cel/program.h"
#include "tests/fuzz/cel_environment.h"

namespace {

using namespace kulanz::cel;  // NOLINT(google-build-using-namespace): the subject of this program

class Last final : public Observer {
 public:
  void OnValue(TextSpan, const Value& value) override { shown = DebugString(value); }
  std::string shown;
};

std::vector<Value> Inputs(const Environment& env) {
  static const Value tags[] = {Value::String("gift"), Value::String("fragile")};
  static const MapEntry storm[] = {{Value::String("cause"), Value::String("storm")},
                                   {Value::String("minutes"), Value::Int(200)}};
  static const MapEntry unknown[] = {{Value::String("cause"), Value::Absent()},
                                     {Value::String("minutes"), Value::Int(-1)}};
  static const Value cuts[] = {Value::Record(storm), Value::Record(unknown)};
  std::vector<Value> frame(static_cast<std::size_t>(env.slot_count()));
  const auto set = [&](std::string_view name, Value value) {
    if (const auto slot = env.SlotOf(name)) {
      frame[static_cast<std::size_t>(*slot)] = value;
    }
  };
  const auto eur = *kulanz::Currency::FromCode("EUR");
  set("i.text", Value::String("late"));
  set("i.cause", Value::String("carrier"));
  set("i.at", Value::Of(kulanz::InstantFromMillis(1'772'400'000'000)));
  set("i.tags", Value::List(tags));
  set("i.cuts", Value::List(cuts));
  set("i.total", Value::Of(*kulanz::Money::FromMinorUnits(8000, eur)));
  set("i.rate", Value::Of(*kulanz::Decimal::FromParts(125, 3)));
  set("i.day", Value::Of(kulanz::Date(std::chrono::days(20'000))));
  set("i.span", Value::Of(std::chrono::nanoseconds(3'600'000'000'000)));
  set("i.flag", Value::Bool(true));
  set("x", Value::Int(7));
  set("m", Value::Map({}));
  return frame;
}

void Evaluate(const CompileResult& result, const Environment& env, bool is_policy) {
  if (!result.ok()) {
    return;
  }
  static Arena arena;
  const std::vector<Value> frame = Inputs(env);
  arena.Reset();
  const Value value = result.program->Evaluate(frame, arena);
  KULANZ_CHECK(!value.is_absent(), "a result is a value or an error");
  KULANZ_CHECK(!is_policy || !value.is_error() ||
                   (value.error_code() != ErrorCode::kAbsentField &&
                    value.error_code() != ErrorCode::kNoSuchOverload),
               "the checker proves presence and types");
  const std::string shown = DebugString(value);
  arena.Reset();
  KULANZ_CHECK(DebugString(result.program->Evaluate(frame, arena)) == shown, "evaluation is pure");
  arena.Reset();
  Last last;
  const Value explained = result.program->Explain(frame, arena, last);
  // An explanation folds nothing, so it may run into a limit where evaluation did not.
  KULANZ_CHECK(explained.is_error() || (last.shown == shown && DebugString(explained) == shown),
               "an explanation ends in the result");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Environment policy = FuzzEnvironment(Mode::kPolicy);
  static const Environment standard = FuzzEnvironment(Mode::kStandard);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes as bytes.
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Evaluate(Compile(text, policy), policy, true);
  Evaluate(Compile(text, standard), standard, false);
  Evaluate(CompileUnchecked(text, standard), standard, false);
  return 0;
}
