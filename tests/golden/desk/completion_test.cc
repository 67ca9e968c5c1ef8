// The scripts of `kulanz completion`: shells accept them, and bash completes with one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/golden/desk/run.h"

namespace kulanz::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// What bash offers for a line whose last word is being typed.
std::string Offered(const std::string& words) {
  const Ended ended = RunShell("/", "source <($K completion bash)\nCOMP_WORDS=(" + words +
                                        ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_kulanz\nprintf "
                                        "'%s\\n' \"${COMPREPLY[@]}\"\n");
  EXPECT_EQ(ended.status, 0) << ended.error;
  return ended.out;
}

TEST(CompletionTest, BashOffersVerbsOptionsAndTheirValues) {
  EXPECT_EQ(Offered("kulanz ch"), "check\n");
  EXPECT_EQ(Offered("kulanz test --thr"), "--threshold\n");
  EXPECT_EQ(Offered("kulanz check --format j"), "json\njunit\n");
  EXPECT_EQ(Offered("kulanz new inc"), "incident-type\n");
  EXPECT_THAT(Offered("kulanz explain /et"), HasSubstr("/etc"));
  EXPECT_THAT(Offered("kulanz fmt --"), Not(HasSubstr("--format")));
}

TEST(CompletionTest, BashTakesItsScript) {
  EXPECT_EQ(RunShell("/", "$K completion bash | bash -n").status, 0);
}

// Where the shells are installed; the scripts name every verb in any case.
TEST(CompletionTest, OtherShellsTakeTheirs) {
  EXPECT_EQ(RunShell("/", "command -v zsh >/dev/null || exit 0; $K completion zsh | zsh -n").status,
            0);
  EXPECT_EQ(
      RunShell("/", "command -v fish >/dev/null || exit 0; $K completion fish | fish -n").status,
      0);
  for (const char* shell : {"zsh", "fish"}) {
    const std::string script = RunShell("/", std::string("$K completion ") + shell).out;
    for (const char* verb : {"check", "test", "explain", "fmt", "new"}) {
      EXPECT_THAT(script, HasSubstr(verb));
    }
  }
}

TEST(CompletionTest, AnotherShellIsAMistake) {
  EXPECT_EQ(RunShell("/", "$K completion csh").status, 2);
  EXPECT_EQ(RunShell("/", "$K completion").status, 2);
}

}  // namespace
}  // namespace kulanz::test
