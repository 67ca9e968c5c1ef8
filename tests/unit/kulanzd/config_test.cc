// kulanzd's own options: all documented, all in the example file, checked together.
#include "service/kulanzd/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "tests/support/paths/paths.h"
#include "tests/unit/kulanzd/environment.h"
#include "tests/unit/kulanzd/temporary_file.h"

namespace kulanz::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::set<std::string> kOfTheCommandLine = {"--config", "--check-config", "--print-config"};

std::string ExamplePath() { return test::SourcePath("deploy/kulanz.yaml"); }

struct Line {
  std::string text;      // "redis: redis://..."
  bool said = false;     // not a comment
  bool comment = false;  // there is a comment above
};

// The keys of the example file, with those that are commented out: "# smtp: smtp://...".
std::map<std::string, Line> ExampleLines() {
  std::map<std::string, Line> lines;
  std::ifstream file(ExamplePath());
  bool comment = false;
  for (std::string text; std::getline(file, text);) {
    const bool said = !text.starts_with('#');
    std::string line = text.starts_with("# ") ? text.substr(2) : text;
    const std::size_t colon = line.find(": ");
    const bool is_key =
        colon != std::string::npos &&
        std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(colon),
                    [](unsigned char c) { return std::islower(c) != 0 || c == '_'; });
    if (is_key) {
      EXPECT_TRUE(lines.emplace(line.substr(0, colon), Line{line, said, comment}).second) << line;
    }
    comment = !text.empty() && (is_key ? comment : true);
  }
  return lines;
}

ParsedConfig ParseFile(const std::string& text, std::vector<std::string> arguments = {}) {
  const TemporaryFile file(text);
  arguments.insert(arguments.end(), {"--config", file.path()});
  ParsedConfig parsed = ParseConfig(arguments);
  parsed.text = file.Named(parsed.text);
  return parsed;
}

TEST(ConfigTest, EveryOptionHasAKeyAVariableAFlagAndAWordOfExplanation) {
  std::set<std::string> keys;
  for (const OptionDescription& option : DescribeOptions()) {
    SCOPED_TRACE(option.flag);
    EXPECT_GE(option.text.size(), 10U);
    if (kOfTheCommandLine.contains(option.flag)) {
      continue;
    }
    EXPECT_TRUE(keys.insert(option.key).second);
    std::string variable = "KULANZ_";
    std::string flag;
    for (const char c : option.key) {
      variable += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      flag += c == '_' ? '-' : c;
    }
    EXPECT_EQ(option.variable, variable);
    EXPECT_TRUE(option.flag == "--" + flag || option.flag == "--no-" + flag) << option.key;
  }
  EXPECT_GT(keys.size(), 40U);
}

TEST(ConfigTest, TheExampleFileIsGoodAndHasEveryOptionWithAComment) {
  const ParsedConfig parsed = ParseConfig({"--config", ExamplePath()});
  EXPECT_TRUE(parsed.serve) << parsed.text;
  auto lines = ExampleLines();
  for (const OptionDescription& option : DescribeOptions()) {
    if (kOfTheCommandLine.contains(option.flag)) {
      continue;
    }
    EXPECT_TRUE(lines.contains(option.key)) << "deploy/kulanz.yaml needs lines like:\n# "
                                            << option.text << "\n# " << option.key << ": ...";
    EXPECT_TRUE(lines[option.key].comment) << option.key << " needs a line of explanation";
    lines.erase(option.key);
  }
  for (const auto& [key, line] : lines) {
    ADD_FAILURE() << "deploy/kulanz.yaml: there is no option " << key;
  }
}

TEST(ConfigTest, WhatTheExampleFileHasInCommentsIsGoodToo) {
  for (const auto& [key, line] : ExampleLines()) {
    const ParsedConfig parsed = ParseFile(line.text + "\n");
    // Alone it may miss others, but itself it is fine.
    EXPECT_THAT(parsed.text, Not(HasSubstr(": " + key + ": "))) << line.text;
    EXPECT_THAT(parsed.text, Not(HasSubstr("there is no"))) << line.text;
  }
}

TEST(ConfigTest, AFileIsEnough) {
  const ParsedConfig parsed = ParseFile(
      "redis: redis+sentinel://a,b/m\nredis_user: k\nredis_password_file: /run/p\n"
      "drain_wait: 2s\ngrace: 20s\ndeliveries: false\nlog_level: warning\n"
      "event_webhook: https://shop.example/e\nevent_webhook_secret_file: /run/e\n"
      "event_types: [decision.granted]\nmetrics: ''\n");
  ASSERT_TRUE(parsed.serve) << parsed.text;
  EXPECT_EQ(parsed.config.store, StoreChoice::kRedis);
  EXPECT_EQ(parsed.config.drain_wait, std::chrono::seconds(2));
  EXPECT_EQ(parsed.config.grace, std::chrono::seconds(20));
  EXPECT_FALSE(parsed.config.deliveries);
  EXPECT_EQ(parsed.config.log_level, ports::LogLevel::kWarning);
  EXPECT_EQ(parsed.config.redis_access.password_file, "/run/p");
  EXPECT_EQ(parsed.config.metrics, "");
}

TEST(ConfigTest, AllThatIsWrongIsNamed) {
  const ParsedConfig parsed = ParseFile(
      "redis: redis://user:s3cret@host\nembedded: true\nlisten: 0.0.0.0:50051\n"  // tidy-ok(port): refused
      "grace: soon\nsmtp_user: me\nevent_types: [no.such]\n");
  EXPECT_FALSE(parsed.serve);
  EXPECT_EQ(parsed.exit_code, 2);
  for (const char* const wrong :
       {"FILE:1:8: --redis: a password does not belong into the URL",
        "FILE:2:11: --embedded, --redis and --store memory exclude each other",
        "FILE:3:9: --listen 0.0.0.0", "FILE:4:8: grace: 'soon' is no duration",
        "FILE:6:14: --event-types", "the options that begin with --smtp- need --smtp"}) {
    EXPECT_THAT(parsed.text, HasSubstr(wrong));
  }
  EXPECT_THAT(parsed.text, Not(HasSubstr("s3cret")));
}

TEST(ConfigTest, AFlagThatIsWrongHidesNothing) {
  const ParsedConfig parsed = ParseConfig(
      {"--grace", "soon", "--drain-wait", "2", "--partitions", "100", "--smtp-user", "me"});
  EXPECT_EQ(parsed.exit_code, 2);
  for (const char* const wrong :
       {"--grace: 'soon' is no duration", "--drain-wait: '2' is no duration",
        "--partitions: must be", "need --smtp", "say where to keep the data"}) {
    EXPECT_THAT(parsed.text, HasSubstr(wrong));
  }
}

TEST(ConfigTest, CheckSaysWhetherItIsFine) {
  const Environment strange("KULANZ_REDDIS", "x");
  const ParsedConfig fine = ParseFile("embedded: true\n", {"--check-config"});
  EXPECT_FALSE(fine.serve);
  EXPECT_EQ(fine.exit_code, 0);
  EXPECT_THAT(fine.text, HasSubstr("the configuration is fine"));
  EXPECT_THAT(fine.text,
              HasSubstr("KULANZ_REDDIS is no option's variable; did you mean 'KULANZ_REDIS'?"));
  const ParsedConfig wrong = ParseFile("embeded: true\n", {"--check-config"});
  EXPECT_FALSE(wrong.serve);
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.text,
              HasSubstr("FILE:1:1: there is no option 'embeded'; did you mean 'embedded'?"));
  EXPECT_THAT(wrong.text, HasSubstr("say where to keep the data"));
}

TEST(ConfigTest, PrintSaysWhatIsInForceAndWhereItIsFrom) {
  const Environment grace("KULANZ_GRACE", "15s");
  const ParsedConfig parsed = ParseFile("embedded: true\ndata: /var/lib/kulanz\ngrace: 20s\n",
                                        {"--print-config", "--no-deliveries"});
  EXPECT_FALSE(parsed.serve);
  EXPECT_EQ(parsed.exit_code, 0);
  for (const char* const line :
       {"embedded: true  # FILE:1:11\n", "data: /var/lib/kulanz  # FILE:2:7\n",
        "grace: 15s  # KULANZ_GRACE\n", "deliveries: false  # --no-deliveries\n",
        "store: redis  # default\n", "log_level: info  # default\n",
        "reflection: true  # default\n", "secrets: /var/lib/kulanz/secrets  # default\n",
        "# redis:\n"}) {
    EXPECT_THAT(parsed.text, HasSubstr(line));
  }
  const ParsedConfig again = ParseFile(parsed.text, {"--print-config"});
  EXPECT_EQ(again.exit_code, 0) << again.text;
  EXPECT_THAT(again.text, HasSubstr("deliveries: false  # FILE:"));
}

}  // namespace
}  // namespace kulanz::server
