// Flags over variables over the file over defaults, for any option of CLI11.
#include "service/kulanzd/layered_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <map>
#include <optional>

#include "tests/unit/kulanzd/environment.h"
#include "tests/unit/kulanzd/temporary_file.h"

namespace kulanz::server {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Strings = std::vector<std::string>;

enum class Level { kLow, kHigh };

// One option of each kind that kulanzd has.
struct Line {
  Line() {
    app.set_version_flag("--version", "T 1");
    CLI::Option* const file = app.add_option("--config", config)->envname("KULANZ_CONFIG");
    app.add_flag("--check", check);
    app.add_option("--name", name, "a text")->envname("KULANZ_NAME")->capture_default_str();
    app.add_option("--count", count)
        ->check(CLI::Range(1, 64))
        ->envname("KULANZ_COUNT")
        ->capture_default_str();
    app.add_option("--number", number)->envname("KULANZ_NUMBER");
    app.add_option("--names", names)->envname("KULANZ_NAMES")->delimiter(',');
    app.add_flag("--on", on)->envname("KULANZ_ON");
    app.add_flag("!--no-post", post)->envname("KULANZ_POST");
    const std::map<std::string, Level> levels = {{"low", Level::kLow}, {"high", Level::kHigh}};
    app.add_option("--level", level)
        ->transform(CLI::CheckedTransformer(levels))
        ->envname("KULANZ_LEVEL")
        ->default_str("low");
    app.add_option("--key-file", key_file)->envname("KULANZ_KEY_FILE");
    options.emplace(app);
    options->ReadFileNamedBy(*file);
  }
  Strings Read(const Strings& arguments) { return options->Read(arguments); }
  Strings ReadFile(const std::string& text, Strings arguments = {}) {
    const TemporaryFile file(text);
    arguments.insert(arguments.end(), {"--config", file.path()});
    Strings violations = options->Read(arguments);
    for (std::string& violation : violations) violation = file.Named(violation);
    effective = file.Named(options->Effective());
    return violations;
  }

  std::string config;
  bool check = false;
  std::string name = "nobody";
  int count = 7;
  std::uint32_t number = 0;
  Strings names;
  bool on = false;
  bool post = true;
  Level level = Level::kLow;
  std::string key_file;
  CLI::App app{"text", "t"};
  std::optional<LayeredOptions> options;
  std::string effective;
};

constexpr const char* kFile =
    "name: file\ncount: 3\nnumber: 30\nnames: [a, b]\non: true\npost: false\nlevel: high\n";

TEST(LayeredOptionsTest, WithoutAnythingDefaultsStay) {
  Line line;
  EXPECT_THAT(line.Read({}), IsEmpty());
  EXPECT_EQ(line.name, "nobody");
  EXPECT_EQ(line.count, 7);
  EXPECT_TRUE(line.post);
}

TEST(LayeredOptionsTest, TheFileSetsEveryKindOfOption) {
  Line line;
  EXPECT_THAT(line.ReadFile(kFile), IsEmpty());
  EXPECT_EQ(line.name, "file");
  EXPECT_EQ(line.count, 3);
  EXPECT_EQ(line.number, 30U);
  EXPECT_THAT(line.names, ElementsAre("a", "b"));
  EXPECT_TRUE(line.on);
  EXPECT_FALSE(line.post);
  EXPECT_EQ(line.level, Level::kHigh);
}

TEST(LayeredOptionsTest, VariablesWinOverTheFileAndFlagsOverVariables) {
  const Environment name("KULANZ_NAME", "variable");
  const Environment names("KULANZ_NAMES", "c,d");
  const Environment on("KULANZ_ON", "false");
  const Environment post("KULANZ_POST", "true");
  const Environment level("KULANZ_LEVEL", "low");
  const Environment count("KULANZ_COUNT", "");  // An empty one says nothing.
  {
    Line line;
    EXPECT_THAT(line.ReadFile(kFile), IsEmpty());
    EXPECT_EQ(line.name, "variable");
    EXPECT_THAT(line.names, ElementsAre("c", "d"));
    EXPECT_FALSE(line.on);
    EXPECT_TRUE(line.post);
    EXPECT_EQ(line.level, Level::kLow);
    EXPECT_EQ(line.count, 3);
  }
  Line line;
  EXPECT_THAT(line.ReadFile(kFile, {"--name", "flag", "--names", "e", "--on", "--no-post",
                                    "--level=high", "--check"}),
              IsEmpty());
  EXPECT_EQ(line.name, "flag");
  EXPECT_THAT(line.names, ElementsAre("e"));
  EXPECT_TRUE(line.on);
  EXPECT_FALSE(line.post);
  EXPECT_EQ(line.level, Level::kHigh);
  EXPECT_TRUE(line.check);
  EXPECT_EQ(line.effective,
            "name: flag  # --name\n"
            "count: 3  # FILE:2:8\n"
            "number: 30  # FILE:3:9\n"
            "names: [e]  # --names\n"
            "on: true  # --on\n"
            "post: false  # --no-post\n"
            "level: high  # --level\n"
            "# key_file:\n");
}

TEST(LayeredOptionsTest, TheFileIsNamedByItsVariableToo) {
  const TemporaryFile file("name: by variable\n");
  const Environment config("KULANZ_CONFIG", file.path());
  Line line;
  EXPECT_THAT(line.Read({}), IsEmpty());
  EXPECT_EQ(line.name, "by variable");
  Line other;
  EXPECT_THAT(other.ReadFile("name: by flag\n"), IsEmpty());
  EXPECT_EQ(other.name, "by flag");
}

TEST(LayeredOptionsTest, AllThatIsWrongIsNamedWithItsPlace) {
  const Environment count("KULANZ_COUNT", "many");
  const Environment on("KULANZ_ON", "perhaps");
  Line line;
  EXPECT_THAT(
      line.ReadFile("nmae: x\ncount: 65\nnumber: -1\nname: [a]\non: yes\npost: 1\nlevel: middle\n"
                    "key: s3cret\nconfig: other.yaml\nnames: []\nkey-file: x\n",
                    {"--number", "x", "--leval", "low", "--level", "top", "word"}),
      ElementsAre("--leval: there is no such option; did you mean '--level'?",
                  "'word': there are only options here",
                  "FILE:1:1: there is no option 'nmae'; did you mean 'name'?",
                  HasSubstr("FILE:2:8: count: Value 65 not in range 1 to 64"),
                  "FILE:3:9: number: '-1' is no whole number from 0 on",
                  "FILE:4:7: name: takes one value, not a list",
                  "FILE:5:5: on: must be true or false", "FILE:6:7: post: must be true or false",
                  HasSubstr("FILE:7:8: level: "),
                  "FILE:8:1: there is no option 'key'; secrets are read from files: key_file",
                  HasSubstr("FILE:9:1: there is no option 'config'"),
                  "FILE:10:8: names: an empty list says nothing: leave it out",
                  "FILE:11:1: there is no option 'key-file'; did you mean 'key_file'?",
                  HasSubstr("KULANZ_COUNT: "), "KULANZ_ON: 'perhaps' is no true or false",
                  "--number: 'x' is no whole number from 0 on", HasSubstr("--level: ")));
}

TEST(LayeredOptionsTest, WhatIsOverriddenIsCheckedAllTheSame) {
  Line line;
  EXPECT_THAT(line.ReadFile("count: 0\n", {"--count", "2"}),
              ElementsAre(HasSubstr("FILE:1:8: count: ")));
}

TEST(LayeredOptionsTest, AFlagWithoutValueOrTwiceIsAMisuse) {
  EXPECT_THAT(Line().Read({"--name"}), ElementsAre(HasSubstr("--name")));
  EXPECT_THAT(Line().Read({"--name", "a", "--name", "b"}),
              ElementsAre("--name: takes one value, not 2"));
  EXPECT_THAT(Line().Read({"--count", ""}), ElementsAre("--count: must have a value"));
}

TEST(LayeredOptionsTest, ViolationsOfSeveralOptionsAreSaidWhereTheFirstStands) {
  Line line;
  EXPECT_THAT(line.ReadFile("count: 3\nlevel: no\n", {"--name", "x"}), Not(IsEmpty()));
  EXPECT_THAT(line.options->Placed("--count goes without --on"), HasSubstr(":1:8: --count goes"));
  EXPECT_EQ(line.options->Placed("--name goes without --on"), "--name goes without --on");
  EXPECT_EQ(line.options->Placed("--level needs --on"), "") << "it has a violation of its own";
}

TEST(LayeredOptionsTest, HelpAndVersionComeFirst) {
  Line help;
  EXPECT_THAT(help.Read({"--level", "none", "--help"}), IsEmpty());
  EXPECT_TRUE(help.options->asks_for_text());
  EXPECT_THAT(help.options->Text(), HasSubstr("KULANZ_LEVEL")) << "variables are part of it";
  Line version;
  EXPECT_THAT(version.Read({"--version"}), IsEmpty());
  EXPECT_EQ(version.options->Text(), "T 1\n");
}

TEST(LayeredOptionsTest, WhatIsInForceCanBeReadBack) {
  const Environment odd("KULANZ_NAME", "it's \"odd\" \\ : # yes\nnext");
  Line line;
  EXPECT_THAT(line.Read({"--names", "a b,true", "--no-post", "--level", "high"}), IsEmpty());
  const std::string said = line.options->Effective();
  const Environment none("KULANZ_NAME", "");
  Line again;
  EXPECT_THAT(again.ReadFile(said), IsEmpty()) << said;
  EXPECT_EQ(again.name, line.name);
  EXPECT_EQ(again.names, line.names);
  EXPECT_EQ(again.post, line.post);
  EXPECT_EQ(again.level, line.level);
  EXPECT_EQ(again.count, line.count);
}

TEST(LayeredOptionsTest, NoSecretIsShown) {
  Line line;
  EXPECT_THAT(line.Read({"--name", "https://u:s3cret@host/p?token=s3cret", "--key-file", "/a/b"}),
              IsEmpty());
  EXPECT_THAT(line.options->Effective(), HasSubstr("name: \"https://***@host/p?***\"  # --name\n"));
  EXPECT_THAT(line.options->Effective(), HasSubstr("key_file: /a/b"));
}

TEST(LayeredOptionsTest, AMisspeltVariableIsPointedOut) {
  const Environment count("KULANZ_CUONT", "1");
  Line line;
  EXPECT_THAT(line.Read({}), IsEmpty()) << "it may be somebody else's";
  EXPECT_THAT(line.options->UnknownVariables(),
              Contains("KULANZ_CUONT is no option's variable; did you mean 'KULANZ_COUNT'?"));
}

TEST(LayeredOptionsTest, ADefaultThatIsNoConstantIsShown) {
  Line line;
  EXPECT_THAT(line.Read({}), IsEmpty());
  line.options->SetDefault("key_file", "/var/key");
  EXPECT_THAT(line.options->Effective(), HasSubstr("key_file: /var/key  # default\n"));
}

}  // namespace
}  // namespace kulanz::server
