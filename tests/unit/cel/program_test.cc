// What a program tells about itself, and what it does at its limits.
#include "service/cel/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "service/cel/limits.h"
#include "tests/unit/cel/policy_environment.h"

namespace kulanz::cel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

std::shared_ptr<const Program> Compiled(std::string_view text, const Environment& env) {
  CompileResult result = Compile(text, env);
  EXPECT_TRUE(result.ok()) << Problems(result, text);
  return result.program;
}

TEST(Program, NamesTheSlotsThatItReads) {
  const Environment env = PolicyEnvironment();
  const auto program =
      Compiled("has(incident.parcels) && order.total > eur(1) || incident.?rating.hasValue()", env);
  std::vector<int> expected = {*env.SlotOf("incident.parcels"), *env.SlotOf("order.total"),
                               *env.SlotOf("incident.rating")};
  std::sort(expected.begin(), expected.end());
  EXPECT_THAT(program->slots(), testing::ElementsAreArray(expected));
}

TEST(Program, NamesTheGuardsThatMustHold) {
  const Environment env = PolicyEnvironment();
  const auto program = Compiled(
      "incident.cause in [\"carrier\", \"warehouse\"] && vars.days_late > 1 && "
      "\"premium\" == customer.segment && (order.id == \"x\" || order.id == \"y\")",
      env);
  ASSERT_EQ(program->guards().size(), 2U);
  EXPECT_EQ(program->guards()[0].slot, *env.SlotOf("incident.cause"));
  ASSERT_EQ(program->guards()[0].values.size(), 2U);
  EXPECT_EQ(program->guards()[0].values[1].as_string(), "warehouse");
  EXPECT_EQ(program->guards()[1].slot, *env.SlotOf("customer.segment"));
  EXPECT_EQ(program->guards()[1].values[0].as_string(), "premium");
}

TEST(Program, HasNoGuardThatMayBeFalseWhileItIsTrue) {
  const Environment env = PolicyEnvironment();
  for (const std::string_view text :
       {"incident.cause == \"carrier\" || vars.days_late > 1", "!(customer.segment == \"premium\")",
        "customer.segment != \"premium\"", "order.id == incident.id",
        "vars.days_late > 1 ? customer.segment == \"premium\" : false"}) {
    EXPECT_THAT(Compiled(text, env)->guards(), IsEmpty()) << text;
  }
}

TEST(Program, TellsItsConstantValueAndItsCurrency) {
  const Environment env = PolicyEnvironment();
  const auto program = Compiled("eur(2.00) * 3 + eur(0.50)", env);
  ASSERT_NE(program->constant(), nullptr);
  EXPECT_EQ(DebugString(*program->constant()), "6.50 EUR");
  EXPECT_EQ(program->currency(), Iso("EUR"));
  EXPECT_EQ(Compiled("order.total", env)->constant(), nullptr);
  EXPECT_EQ(Compiled("order.total", env)->currency(), Iso("EUR"));
}

class Parts final : public Observer {
 public:
  void OnValue(TextSpan span, const Value& value) override {
    parts.emplace_back(text.substr(span.begin, span.end - span.begin), DebugString(value));
  }
  std::string text;
  std::vector<std::pair<std::string, std::string>> parts;
};

// `&&` stops at the part that decides.
TEST(Program, ExplainsEachPartThatWasEvaluatedInnermostFirst) {
  const Environment env = PolicyEnvironment();
  Parts parts;
  parts.text = "vars.days_late >= 3 && customer.segment == \"premium\" && incident.paid_delivery";
  Arena arena;
  const Value value = Compiled(parts.text, env)->Explain(LateParcel(env).values(), arena, parts);
  EXPECT_FALSE(value.is_true());
  EXPECT_THAT(
      parts.parts,
      ElementsAre(Pair("vars.days_late", "8"), Pair("vars.days_late >= 3", "true"),
                  Pair("customer.segment", "\"standard\""),
                  Pair("customer.segment == \"premium\"", "false"), Pair(parts.text, "false")));
}

TEST(Program, ExplainsConstantPartsAsAWhole) {
  const Environment env = PolicyEnvironment();
  const auto told = [&](std::string text) {
    Parts parts;
    parts.text = std::move(text);
    Arena arena;
    (void)Compiled(parts.text, env)->Explain(LateParcel(env).values(), arena, parts);
    return parts.parts;
  };
  EXPECT_THAT(
      told("vars.days_late in [1, 2 + 6]"),
      ElementsAre(Pair("vars.days_late", "8"), Pair("2 + 6", "8"), Pair("[1, 2 + 6]", "[1, 8]"),
                  Pair("vars.days_late in [1, 2 + 6]", "true")));
  EXPECT_THAT(told("incident.cause in [\"carrier\"]"),
              ElementsAre(Pair("incident.cause", "\"carrier\""),
                          Pair("incident.cause in [\"carrier\"]", "true")));
  EXPECT_THAT(told("incident.outage >= hours(1)"),
              ElementsAre(Pair("incident.outage", "5400s"), Pair("hours(1)", "3600s"),
                          Pair("incident.outage >= hours(1)", "true")));
  EXPECT_THAT(told("2 * (vars.days_late - (1 + 2)) > 5"),
              ElementsAre(Pair("vars.days_late", "8"), Pair("1 + 2", "3"),
                          Pair("vars.days_late - (1 + 2)", "5"),
                          Pair("2 * (vars.days_late - (1 + 2))", "10"),
                          Pair("2 * (vars.days_late - (1 + 2)) > 5", "true")))
      << "parentheses belong to the larger part";
  EXPECT_THAT(told("true"), ElementsAre(Pair("true", "true")));
  EXPECT_THAT(told("[1, 2]"), ElementsAre(Pair("[1, 2]", "[1, 2]")));
}

TEST(Program, PassesOnAnInputThatIsAnError) {
  const Environment env = PolicyEnvironment();
  Frame frame = LateParcel(env);
  frame.Set("vars.days_late", Value::Error(ErrorCode::kCustom, "the variable failed"));
  Arena arena;
  const Value value = Compiled("vars.days_late > 3", env)->Evaluate(frame.values(), arena);
  ASSERT_TRUE(value.is_error());
  EXPECT_EQ(value.error_text(), "the variable failed");
  EXPECT_TRUE(Compiled("vars.days_late > 3 || order.total > eur(1)", env)
                  ->Evaluate(frame.values(), arena)
                  .is_true());
}

TEST(Program, SaysWhereAnEvaluationFailed) {
  const Environment env = PolicyEnvironment();
  Frame frame = LateParcel(env);
  frame.Set("vars.days_late", Value::Int(0));
  Arena arena;
  const Value value =
      Compiled("true && 10 / vars.days_late > 1", env)->Evaluate(frame.values(), arena);
  ASSERT_TRUE(value.is_error());
  EXPECT_EQ(value.error_code(), ErrorCode::kDivisionByZero);
  EXPECT_TRUE(value.has_error_offset());
  EXPECT_EQ(value.error_offset(), 8U);
}

TEST(Program, StopsAtTheStepLimit) {
  Environment env(Mode::kStandard);
  const auto program = Compiled("[1, 2, 3, 4].map(a, [1, 2, 3, 4].map(b, a * b)).size() == 4", env);
  Arena arena;
  EXPECT_TRUE(program->Evaluate({}, arena, 20).is_true());
  EXPECT_EQ(program->Evaluate({}, arena, 19).error_code(), ErrorCode::kTooManySteps);
}

TEST(Program, StopsAtTheMemoryLimit) {
  Environment env(Mode::kStandard);
  std::string text = "\"x\"";
  for (int i = 0; i < 12; ++i) {
    text = "cel.bind(t" + std::to_string(i) + ", " + text + ", t" + std::to_string(i) + " + t" +
           std::to_string(i) + ")";
  }
  const auto program = Compiled(text, env);
  Arena roomy;
  EXPECT_EQ(program->Evaluate({}, roomy).as_string().size(), 4096U);
  Arena tight(4096);
  EXPECT_EQ(program->Evaluate({}, tight).error_code(), ErrorCode::kTooMuchMemory);
}

// No text may overflow the stack, whatever nests in it.
TEST(Program, RefusesAnyDepthOfNesting) {
  Environment env(Mode::kStandard);
  const std::size_t count = 50'000;  // at two bytes a level the whole of the longest text
  const auto repeated = [&](std::string_view text, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) {
      all += text;
    }
    return all;
  };
  for (const std::string& text :
       {repeated("(", count) + "1" + repeated(")", count - 1), repeated("[", count),
        repeated("-", count) + "1", repeated("!", count) + "true", repeated("{1:", count / 2),
        repeated("f(", count), "a" + repeated(".b", count - 1), "a" + repeated("[0]", count / 2),
        "1" + repeated("+1", count - 1), repeated("1?2:", count / 4) + "3",
        "a" + repeated(".f()", count / 3), "[1]" + repeated(".map(x,x)", count / 9)}) {
    const CompileResult result = Compile(text, env);
    ASSERT_FALSE(result.ok()) << text.substr(0, 20);
    EXPECT_THAT(Problems(result, text), HasSubstr("nested more than 250 levels"))
        << text.substr(0, 20);
  }
}

TEST(Program, TakesTheDeepestNestingAndTheLongestTextThatAreAllowed) {
  Environment env(Mode::kStandard);
  Arena arena;
  const std::string deep = std::string(249, '(') + "7" + std::string(249, ')');
  EXPECT_EQ(DebugString(Compiled(deep, env)->Evaluate({}, arena)), "7");
  std::string lists = std::string(249, '[') + "7" + std::string(249, ']');
  EXPECT_EQ(Compiled("size(" + lists.substr(1, lists.size() - 2) + ")", env)
                ->Evaluate({}, arena)
                .as_int(),
            1);
  std::string wide = "true";
  while (wide.size() + 8 <= kMaxTextBytes) {
    wide += " && true";
  }
  EXPECT_TRUE(Compiled(wide, env)->Evaluate({}, arena).is_true());
  const std::string longest = "\"" + std::string(kMaxTextBytes - 2, 'x') + "\"";
  EXPECT_EQ(Compiled(longest, env)->Evaluate({}, arena).size(), kMaxTextBytes - 2);
  EXPECT_FALSE(Compile(longest + " ", env).ok());
}

// Types that double at each level would take for ever to compare.
TEST(Program, RefusesTypesThatGrowWithoutMeasure) {
  Environment env(Mode::kStandard);
  std::string doubling = "t60";
  for (int i = 60; i > 0; --i) {
    const std::string before = "t" + std::to_string(i - 1);
    doubling = "cel.bind(t" + std::to_string(i) + ", {1: [" + before + "], 2: [" + before +
               "]}.map(k, {" + before + ": " + before + "}), " + doubling + ")";
  }
  doubling = "cel.bind(t0, [], " + doubling + ")";
  EXPECT_THAT(Problems(Compile(doubling, env), doubling), HasSubstr("too complex"));

  std::string chained = "true";
  for (int i = 0; i < 60; ++i) {
    const std::string next = "t" + std::to_string(i + 1);
    chained += " && t" + std::to_string(i) + " == optional.of({" + next + ": " + next + "})";
  }
  for (int i = 60; i >= 0; --i) {
    chained = "cel.bind(t" + std::to_string(i) + ", optional.none(), " + chained + ")";
  }
  EXPECT_THAT(Problems(Compile(chained, env), chained), HasSubstr("too complex"));
}

// Values that share their parts would take for ever to compare or write out.
TEST(Program, StopsAtValuesThatUnfoldWithoutEnd) {
  Environment env(Mode::kStandard);
  for (const std::string_view use :
       {"t60 == t60x", "t60 in [t60x]", "t60 != t60x", "'%s'.format([t60])"}) {
    std::string text(use);
    for (int i = 60; i > 0; --i) {
      const std::string before = "t" + std::to_string(i - 1);
      const std::string name = "t" + std::to_string(i);
      text = "cel.bind(" + name + ", [" + before + ", " + before + "], cel.bind(" + name + "x, [" +
             before + "x, " + before + "x], " + text + "))";
    }
    text = "cel.bind(t0, [dyn(1)], cel.bind(t0x, [dyn(1)], " + text + "))";
    Arena arena;
    const Value value = Compiled(text, env)->Evaluate({}, arena);
    EXPECT_TRUE(value.is_error()) << use;
  }
}

TEST(Program, RefusesTextThatIsNotUtf8) {
  Environment env(Mode::kStandard);
  EXPECT_FALSE(Compile("\"\xff\"", env).ok());
  EXPECT_FALSE(Compile("\"\xed\xa0\x80\"", env).ok());  // a surrogate
  EXPECT_FALSE(Compile("\"\xc0\x80\"", env).ok());      // an overlong NUL
}

TEST(Program, CallsAFunctionOfTheHost) {
  Environment env(Mode::kPolicy);
  const Implementation twice = [](CallContext&, const Value* args) {
    return Value::Int(args[0].as_int() * 2);
  };
  ASSERT_TRUE(env.AddFunction({"twice",
                               {{.id = "twice_int",
                                 .parameters = {Type::Int()},
                                 .result = Type::Int(),
                                 .is_method = false,
                                 .implementation = twice}}})
                  .ok());
  Arena arena;
  EXPECT_EQ(Compiled("twice(20) + 2", env)->Evaluate({}, arena).as_int(), 42);
  EXPECT_FALSE(Compile("twice(\"x\")", env).ok());
}

TEST(Environment, RefusesBadDeclarations) {
  Environment env(Mode::kPolicy);
  ASSERT_TRUE(env.AddVariable({.name = "a", .type = Type::Int()}).ok());
  EXPECT_FALSE(env.AddVariable({.name = "a", .type = Type::Int()}).ok());
  EXPECT_FALSE(env.AddVariable({.name = "1a", .type = Type::Int()}).ok());
  EXPECT_FALSE(env.AddVariable({.name = "", .type = Type::Int()}).ok());
  EXPECT_FALSE(env.AddVariable({.name = "b.", .type = Type::Int()}).ok());
  EXPECT_FALSE(env.AddStruct("s", {{.name = "x.y", .type = Type::Int()}}).ok());
  EXPECT_FALSE(
      env.AddVariable({.name = "far", .type = Type::Int(), .slot = Environment::kMaxSlots}).ok());
}

}  // namespace
}  // namespace kulanz::cel
