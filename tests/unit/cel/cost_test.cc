// The worst case of an expression, from the declared sizes of its inputs.
#include <gtest/gtest.h>

#include <optional>

#include "service/cel/limits.h"
#include "tests/unit/cel/policy_environment.h"

namespace kulanz::cel {
namespace {

std::uint64_t CostOf(std::string_view text, const Environment& env) {
  const CompileResult compiled = Compile(text, env);
  EXPECT_TRUE(compiled.ok()) << Problems(compiled, text);
  return compiled.ok() ? compiled.program->cost().value_or(kUnboundedSize) : 0;
}

TEST(Cost, CountsTheTextsInAListByTheirDeclaredSize) {
  const Environment env = PolicyEnvironment();
  // 20 tags of at most 30 characters: per round 1, the variable 1, the call 1, its 31 characters 3.
  EXPECT_EQ(CostOf("incident.tags.exists(t, t.contains(\"x\"))", env), 1U + 20U * 6U);
  EXPECT_EQ(CostOf("incident.tags.exists(t, (t + t + t).contains(\"x\"))", env),
            1U + 20U * (1 + 3 + 1 + 6 + 1 + 9 + 1 + 9));
  // A needle of one character is told apart from each tag at once.
  EXPECT_EQ(CostOf("\"x\" in incident.tags", env), 2U + 20U);
  EXPECT_EQ(CostOf("incident.id in incident.tags", env), 3U + 20U * 7U);
}

TEST(Cost, FollowsSizesThroughVariablesAndResults) {
  const Environment env = PolicyEnvironment();
  EXPECT_EQ(CostOf("incident.tags[0].contains(\"x\")", env),
            CostOf("incident.tags[29].contains(\"x\")", env));
  // A tag of 30 characters, picked and searched: its size, not the list's, counts.
  EXPECT_EQ(CostOf("incident.tags.first().orValue(\"\").contains(\"x\")", env),
            CostOf("incident.tags[?0].orValue(\"\").contains(\"x\")", env));
  EXPECT_LT(CostOf("cel.bind(t, incident.tags[0], t.contains(\"x\"))", env), 20U);
  // 50 cuts with a note of 100 characters, joined: 5,000 characters.
  const std::uint64_t joined =
      CostOf("incident.cuts.map(c, c.?note.orValue(\"\")).join().contains(\"x\")", env);
  EXPECT_GT(joined, 500U);
  EXPECT_LT(joined, 2000U);
}

TEST(Cost, TellsHowLargeAResultCanBe) {
  const Environment env = PolicyEnvironment();
  const auto size_of = [&env](std::string_view text) {
    const CompileResult compiled = Compile(text, env);
    EXPECT_TRUE(compiled.ok()) << Problems(compiled, text);
    const ResultSize size = compiled.ok() ? compiled.program->result_size() : ResultSize();
    return std::pair(size.max_size, size.item_max_size);
  };
  EXPECT_EQ(size_of("incident.tags"), std::pair(20U, 30U));
  EXPECT_EQ(size_of("incident.tags.filter(t, t != \"x\")"), std::pair(20U, 30U));
  EXPECT_EQ(size_of("incident.tags[0]").first, 30U);
  EXPECT_EQ(size_of("\"ab\" + \"cd\"").first, 4U);
  EXPECT_EQ(size_of("\"\"").first, 1U);  // 0 would be no bound
  EXPECT_EQ(size_of("incident.tags[0] == \"x\" ? \"standard\" : incident.tags[0]").first, 38U);
}

TEST(Cost, HasNoBoundWhenTheTextsInAListHaveNone) {
  Environment env(Mode::kPolicy);
  ASSERT_TRUE(
      env.AddVariable({.name = "tags", .type = Type::List(Type::String()), .max_size = 3}).ok());
  EXPECT_TRUE(Compile("tags.size() > 2", env).ok());
  const CompileResult compiled = Compile("tags.exists(t, t.contains(\"x\"))", env);
  ASSERT_FALSE(compiled.ok());
  EXPECT_EQ(compiled.diagnostics[0].id, "too-costly");
}

TEST(Cost, IsEstimatedOncePerPart) {
  // Each level twice would be 2^60 estimates.
  std::string text = "incident.id";
  for (int i = 0; i < 28; ++i) {
    text = "(" + text + " in incident.tags ? \"a\" : \"b\")";
  }
  const Environment env = PolicyEnvironment();
  EXPECT_GT(CostOf(text, env), 28U * 20U);
}

}  // namespace
}  // namespace kulanz::cel
