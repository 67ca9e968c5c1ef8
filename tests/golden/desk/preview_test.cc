// kulanz preview: letters as files, from the set's own tests.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/golden/desk/run.h"
#include "tests/support/paths/paths.h"

namespace kulanz::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class PreviewTest : public ::testing::Test {
 protected:
  PreviewTest() {
    std::string pattern = (fs::temp_directory_path() / "kulanz-preview-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    fs::create_directories(folder_ + "/rules");
    for (const char* const part :
         {"incidents.yaml", "people.yaml", "policies", "shared", "messages", "tests"}) {
      fs::copy(SourcePath("rules") + "/" + part, folder_ + "/rules/" + part,
               fs::copy_options::recursive);
    }
  }
  ~PreviewTest() override { fs::remove_all(folder_); }
  Ended Preview(const std::string& arguments) {
    return RunShell(folder_, "$K preview " + arguments);
  }

  std::string folder_;
};

TEST_F(PreviewTest, WritesTheLetterOfTheFirstCaseThatFits) {
  const Ended ended = Preview("late-delivery --locale de-CH --company-name 'Müller & Söhne'");
  EXPECT_EQ(ended.status, 0) << ended.error;
  EXPECT_THAT(ended.out,
              AllOf(HasSubstr("late_delivery_test.yaml: case 'a day late' by policy late-delivery"),
                    HasSubstr("the letter is in 'de'"), HasSubstr("Sehr geehrte Frau Mustermann"),
                    HasSubstr("preview/late-delivery.de.eml")));
  EXPECT_THAT(ReadText(folder_ + "/preview/late-delivery.de.eml"),
              AllOf(HasSubstr("Content-Type: multipart/alternative"), HasSubstr("Reply-To: ")));
  EXPECT_THAT(ReadText(folder_ + "/preview/late-delivery.de.html"),
              HasSubstr("Müller &amp; Söhne"));
  EXPECT_THAT(ReadText(folder_ + "/preview/late-delivery.de.txt"), HasSubstr("5.00"))
      << "amounts are written as in Switzerland";
}

TEST_F(PreviewTest, ANamedCaseIsWrittenForItsOwnFacts) {
  const Ended ended = Preview(
      "late-delivery --out here --case rules/tests/late_delivery_test.yaml:'three days "
      "late, a tenth of the order'");
  EXPECT_EQ(ended.status, 0) << ended.error;
  EXPECT_THAT(ended.out, AllOf(HasSubstr("8.00"), HasSubstr("here/late-delivery.en.txt")));
}

TEST_F(PreviewTest, WhatStandsInTheWayIsSaid) {
  EXPECT_THAT(Preview("late-delivry").error,
              HasSubstr("there is no message 'late-delivry'; did you mean 'late-delivery'?"));
  EXPECT_THAT(Preview("late-delivery --case rules/tests/late_delivery_test.yaml:'late in the "
                      "evening of the promised day'")
                  .error,
              HasSubstr("sends no letter"));
  EXPECT_THAT(Preview("late-delivery --case late").error, HasSubstr("--case takes"));
  fs::remove_all(folder_ + "/rules/tests");
  const Ended ended = Preview("late-delivery");
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.error, HasSubstr("no case in rules/tests is answered with 'late-delivery'"));
  EXPECT_FALSE(fs::exists(folder_ + "/preview")) << "nothing is half done";
  std::ofstream(folder_ + "/rules/messages/late-delivery/en/body.txt", std::ios::app)
      << "{{order.number}}\n";
  EXPECT_THAT(Preview("late-delivery").error,
              AllOf(HasSubstr("late-delivery/en/body.txt"), HasSubstr("order.number")));
}

// A language comes with files alone, and what is missing of it is named.
TEST_F(PreviewTest, AFrenchLetterNeedsNothingButFiles) {
  const std::string messages = folder_ + "/rules/messages/";
  fs::copy(messages + "shared/en", messages + "shared/fr", fs::copy_options::recursive);
  fs::create_directories(messages + "late-delivery/fr");
  std::ofstream(messages + "late-delivery/fr/subject.txt") << "Votre commande est en retard\n";
  std::ofstream(messages + "late-delivery/fr/body.txt")
      << "Votre commande {{#order.id}}{{order.id}}{{/order.id}} est arrivée trop tard.\n\n"
         "{{#voucher.amount}}Voici {{voucher.amount}}.\n{{/voucher.amount}}{{> voucher}}\n"
         "{{> closing}}\n";
  const Ended checked = RunShell(folder_, "$K check rules");
  EXPECT_EQ(checked.status, 1);
  EXPECT_THAT(checked.out + checked.error,
              AllOf(HasSubstr("late-delivery/fr"), HasSubstr("body.html")));
  std::ofstream(messages + "late-delivery/fr/body.html")
      << "{{> head}}{{> open}}<p>Votre commande est arrivée trop tard.</p>{{> voucher}}{{> "
         "closing}}"
         "{{> close}}\n";
  const Ended ended = Preview("late-delivery --locale fr-CA");
  EXPECT_EQ(ended.status, 0) << ended.error;
  EXPECT_THAT(ended.out, AllOf(HasSubstr("Subject: Votre commande"), HasSubstr("5,00\u00a0"),
                               Not(HasSubstr("Your order"))));
}

}  // namespace
}  // namespace kulanz::test
