// kulanz.yaml as text: what is refused, and where it stands.
#include "service/kulanzd/config_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/kulanzd/temporary_file.h"

namespace kulanz::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<std::string> Violations(const std::string& text) {
  const TemporaryFile file(text);
  std::vector<std::string> violations = ReadConfigFile(file.path()).violations;
  for (std::string& violation : violations) {
    violation = file.Named(violation);
  }
  return violations;
}

TEST(ConfigFileTest, KeysAndValuesKnowTheirPlaces) {
  const TemporaryFile file(
      "# first\nredis: redis://a:1\n\nevent_types:\n  - x\n  - 'y, z'\nempty: ''\n");
  const ConfigFile read = ReadConfigFile(file.path());
  EXPECT_THAT(read.violations, IsEmpty());
  ASSERT_THAT(read.entries, SizeIs(3));
  EXPECT_EQ(read.entries[0].key, "redis");
  EXPECT_THAT(read.entries[0].values, ElementsAre("redis://a:1"));
  EXPECT_EQ(file.Named(read.entries[0].key_place), "FILE:2:1");
  EXPECT_EQ(file.Named(read.entries[0].place), "FILE:2:8");
  EXPECT_TRUE(read.entries[1].is_list);
  EXPECT_THAT(read.entries[1].values, ElementsAre("x", "y, z"));
  EXPECT_THAT(read.entries[2].values, ElementsAre(""));
}

TEST(ConfigFileTest, AFileThatSaysNothingIsFine) {
  for (const char* const text : {"", "\n", "# only a comment\n", "---\n"}) {
    EXPECT_THAT(Violations(text), IsEmpty()) << text;
  }
}

TEST(ConfigFileTest, EverythingThatIsWrongIsNamedWithItsPlaceAndWithoutItsValue) {
  const auto all = Violations(
      "a: 1\n"
      "b:\n"
      "a: s3cret\n"
      "c: {d: s3cret}\n"
      "e: [x, [s3cret]]\n"
      "f: &anchor s3cret\n");
  ASSERT_THAT(all, SizeIs(5));
  EXPECT_THAT(all[0], HasSubstr("FILE:3:1: the key 'a' is given twice; the first is in line 1"));
  EXPECT_THAT(all[1], HasSubstr("FILE:6:4: anchors"));
  EXPECT_EQ(all[2], "FILE:2:1: b has no value: leave the line out, or write '' for nothing");
  EXPECT_EQ(all[3], "FILE:4:4: c takes a value, not keys of its own");
  EXPECT_EQ(all[4], "FILE:5:8: e takes a list of plain values");
  for (const std::string& violation : all) {
    EXPECT_THAT(violation, ::testing::Not(HasSubstr("s3cret")));
  }
}

TEST(ConfigFileTest, WhatIsNoMappingIsRefused) {
  EXPECT_THAT(Violations("- a\n- b\n"),
              ElementsAre("FILE:1:1: the file must be lines of 'key: value'"));
  EXPECT_THAT(Violations("redis\n"),
              ElementsAre("FILE:1:1: the file must be lines of 'key: value'"));
  EXPECT_THAT(Violations("a: 1\n---\nb: 2\n"), ElementsAre(HasSubstr("FILE:2:1: ")));
  EXPECT_THAT(Violations("a: [1\n"), ElementsAre(HasSubstr("FILE:2:1: ")));
  EXPECT_THAT(Violations("a: \xff\n"), ElementsAre(HasSubstr("FILE:1:4: ")));
}

TEST(ConfigFileTest, AFileThatCannotBeReadIsRefused) {
  const std::string directory = ::testing::TempDir();
  EXPECT_THAT(ReadConfigFile("/no/such.yaml").violations,
              ElementsAre("/no/such.yaml: there is no such file"));
  EXPECT_THAT(ReadConfigFile(directory).violations, ElementsAre(directory + ": is no file"));
  const std::string pipe = directory + "pipe-" + std::to_string(getpid());
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(ReadConfigFile(pipe).violations, ElementsAre(pipe + ": is no file"))
      << "nobody writes into it, and nobody waits for that";
  unlink(pipe.c_str());
  if (geteuid() != 0) {  // Root may read everything.
    const TemporaryFile closed("a: 1\n");
    ASSERT_EQ(chmod(closed.path().c_str(), 0), 0);
    EXPECT_THAT(ReadConfigFile(closed.path()).violations, ElementsAre(HasSubstr("cannot be read")));
  }
}

TEST(ConfigFileTest, SixtyFourKibibytesAreEnough) {
  const std::string line = "a: 1\n#";
  const std::string most = line + std::string(kConfigBytesMax - line.size(), 'x');
  EXPECT_THAT(Violations(most), IsEmpty());
  EXPECT_THAT(Violations(most + "x"), ElementsAre("FILE: is larger than 65536 bytes"));
}

}  // namespace
}  // namespace kulanz::server
