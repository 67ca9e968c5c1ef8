// Inputs that are records with named fields, and lists of them.
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "tests/unit/cel/policy_environment.h"

namespace kulanz::cel {
namespace {

struct Case {
  std::string_view text;
  std::string_view value;
};
class Records : public testing::TestWithParam<Case> {};

TEST_P(Records, YieldTheirValue) {
  const Environment env = PolicyEnvironment();
  EXPECT_EQ(ValueText(GetParam().text, env, LateParcel(env)), GetParam().value) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Fields, Records,
    testing::Values(
        Case{"incident.cuts.exists(c, c.minutes >= 180)", "true"},
        Case{"incident.cuts.exists(c, c.minutes >= 180 && c.day >= date(\"2026-03-01\"))", "false"},
        Case{"incident.cuts.filter(c, c.minutes > 30).size()", "2"},
        Case{"incident.cuts.map(c, c.minutes)", "[200, 40]"},
        Case{"incident.cuts.map(c, c.day >= date(\"2026-03-01\"), c.minutes)", "[40]"},
        Case{"incident.cuts[0].day", "2026-02-10"},
        Case{"incident.cuts.exists(i, c, i == 1 && c.minutes == 40)", "true"},
        Case{"cel.bind(first, incident.cuts[0], first.minutes + first.minutes)", "400"},
        Case{"incident.cuts[0] == incident.cuts[0]", "true"},
        Case{"incident.cuts[0] == incident.cuts[1]", "false"},
        Case{"incident.cuts[0] in incident.cuts", "true"},
        Case{"incident.cuts",
             "[{cause: \"storm\", day: 2026-02-10, minutes: 200}, "
             "{day: 2026-03-05, minutes: 40}]"}));

INSTANTIATE_TEST_SUITE_P(
    OptionalFields, Records,
    testing::Values(
        Case{"incident.cuts.exists(c, has(c.cause) && c.cause == \"storm\")", "true"},
        Case{"incident.cuts.all(c, !has(c.cause) || c.cause == \"storm\")", "true"},
        Case{"incident.cuts.map(c, c.?cause.orValue(\"planned\"))", "[\"storm\", \"planned\"]"},
        Case{"incident.cuts.map(c, has(c.cause), c.cause)", "[\"storm\"]"},
        Case{"incident.cuts.map(c, has(c.cause) ? c.cause : \"\")", "[\"storm\", \"\"]"},
        Case{"incident.cuts[?0].cause", "optional.of(\"storm\")"},
        Case{"incident.cuts[?1].cause", "optional.none()"},
        Case{"incident.cuts[?7].cause.orValue(\"storm\")", "\"storm\""},
        Case{"incident.cuts[?7].minutes.orValue(0)", "0"},
        Case{"has(incident.cuts[0].cause)", "true"}, Case{"has(incident.cuts[1].cause)", "false"},
        Case{"has(incident.cuts[?7].cause)", "false"},
        Case{"incident.cuts[?0].optMap(c, c.minutes)", "optional.of(200)"}));

INSTANTIATE_TEST_SUITE_P(
    Failures, Records,
    testing::Values(Case{"incident.cuts[7].minutes", "error: the index is out of range"},
                    Case{"incident.cuts[incident.cuts.size()].minutes > 3 || true", "true"}));

TEST(Record, IsAnInputByItselfWithAGuardForEachPart) {
  Environment env(Mode::kPolicy);
  ASSERT_TRUE(env.AddRecord("site", {{.name = "zip", .type = Type::String(), .max_size = 10},
                                     {.name = "floor", .type = Type::Int(), .required = false}})
                  .ok());
  ASSERT_TRUE(
      env.AddVariable({.name = "at", .type = Type::Record("site"), .required = false}).ok());
  const std::array<MapEntry, 2> site = {
      {{Value::String("floor"), Value::Int(3)}, {Value::String("zip"), Value::String("80331")}}};
  Frame frame(env);
  frame.Set("at", Value::Record(site));
  EXPECT_EQ(
      ValueText("at.zip", env, frame),
      "rule:1:1: error: 'at' is optional and may be missing here; write has(at) && ... before "
      "it [unguarded-optional]\n  at.zip\n  ^~\n");
}

TEST(Record, OfAnotherShapeThanDeclaredIsAnErrorNotACrash) {
  const Environment env = PolicyEnvironment();
  const CompileResult compiled = Compile("incident.cuts[0].minutes", env);
  ASSERT_TRUE(compiled.ok());
  const std::array<MapEntry, 1> short_one = {{{Value::String("minutes"), Value::Int(3)}}};
  for (const Value& wrong : {Value::Record(short_one), Value::Int(3), Value::Null()}) {
    const std::array<Value, 1> cuts = {wrong};
    Frame frame = LateParcel(env);
    frame.Set("incident.cuts", Value::List(cuts));
    Arena arena;
    const Value value = compiled.program->Evaluate(frame.values(), arena);
    ASSERT_TRUE(value.is_error());
    EXPECT_EQ(value.error_text(), "not such a record");
  }
}

TEST(Record, IsToldPartByPart) {
  struct Recorder : Observer {
    void OnValue(TextSpan span, const Value& value) override {
      told += std::to_string(span.begin) + "=" + DebugString(value) + " ";
    }
    std::string told;
  };
  const Environment env = PolicyEnvironment();
  const CompileResult compiled = Compile("incident.cuts[1].minutes > 30", env);
  ASSERT_TRUE(compiled.ok());
  Recorder recorder;
  Arena arena;
  compiled.program->Explain(LateParcel(env).values(), arena, recorder);
  EXPECT_NE(recorder.told.find("0={day: 2026-03-05, minutes: 40} 0=40"), std::string::npos)
      << recorder.told;
}

TEST(Record, RefusesBadDeclarations) {
  Environment env(Mode::kPolicy);
  const auto problem = [](const Status& status) { return std::string(status.message()); };
  EXPECT_EQ(problem(env.AddVariable({.name = "a", .type = Type::List(Type::Record("cut"))})),
            "'a' is of a record type that is not declared");
  EXPECT_EQ(problem(env.AddFunction(
                {"worst", {{.id = "worst_cut", .parameters = {}, .result = Type::Record("cut")}}})),
            "'worst_cut' is of a record type that is not declared");
  EXPECT_EQ(problem(env.AddRecord("1cut", {})), "'1cut' is no name, or is a record type already");
  EXPECT_EQ(problem(env.AddRecord("cut", {{.name = "a.b", .type = Type::Int()}})),
            "'a.b' is no name of a field");
  EXPECT_EQ(problem(env.AddRecord(
                "cut", {{.name = "a", .type = Type::Int()}, {.name = "a", .type = Type::Int()}})),
            "'a' is declared already");
  EXPECT_EQ(problem(env.AddRecord("cut", {{.name = "a", .type = Type::List(Type::Record("b"))}})),
            "'a' is a record within a record");
  ASSERT_TRUE(env.AddRecord("cut", {{.name = "a", .type = Type::Int()}}).ok());
  EXPECT_EQ(problem(env.AddRecord("cut", {})), "'cut' is no name, or is a record type already");
}

}  // namespace
}  // namespace kulanz::cel
