// What authors get wrong, and what they are told: each mistake with its file and line.

#include "service/adapters/mail/message_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/unit/adapters/system/temp_directory.h"

namespace kulanz::adapters {
namespace {

using kulanz::testing::TempDirectory;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class MessageSetTest : public ::testing::Test {
 protected:
  MessageSetTest() {
    Write("late/variables.txt",
          "promised_at instant?\nproduct text?\nparcels number\nfragile flag?\n");
    Write("late/en/subject.txt", "Sorry\n");
    Write("late/en/body.txt", "Hello\n");
    Write("late/en/body.html", "<p>Hello</p>\n");
  }
  void Write(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(directory_.File(path)).parent_path());
    directory_.Write(path, text);
  }
  // Problems as "file:line: message", the folder's own path left out.
  std::vector<std::string> Problems() {
    TemplateProblems problems;
    set_ = MessageSet::Load(directory_.path(), "en", problems);
    EXPECT_EQ(set_ == nullptr, !problems.empty());
    std::vector<std::string> out;
    for (const TemplateProblem& problem : problems) {
      std::string text = problem.ToString();
      if (text.starts_with(directory_.path() + "/")) text.erase(0, directory_.path().size() + 1);
      out.push_back(std::move(text));
    }
    return out;
  }
  std::vector<std::string> ProblemsOfBody(const std::string& body) {
    Write("late/en/body.txt", body);
    return Problems();
  }
  TempDirectory directory_;
  std::shared_ptr<const MessageSet> set_;
};

TEST_F(MessageSetTest, AGoodSetHasItsMessages) {
  EXPECT_THAT(Problems(), IsEmpty());
  EXPECT_THAT(set_->names(), ElementsAre("late"));
  EXPECT_NE(set_->Find("late"), nullptr);
  EXPECT_EQ(set_->Find("Late"), nullptr);
}

TEST_F(MessageSetTest, TheNearestLanguageIsTaken) {
  for (const std::string locale : {"de", "de-CH", "pt-BR"}) {
    for (const std::string file : {"subject.txt", "body.txt", "body.html"}) {
      Write("late/" + locale + "/" + file, locale);
    }
  }
  ASSERT_THAT(Problems(), IsEmpty());
  const Message& message = *set_->Find("late");
  EXPECT_EQ(set_->In(message, "de-CH").locale, "de-CH");
  EXPECT_EQ(set_->In(message, "de-AT").locale, "de");
  EXPECT_EQ(set_->In(message, "de").locale, "de");
  EXPECT_EQ(set_->In(message, "pt").locale, "en") << "European Portuguese is not Brazilian";
  EXPECT_EQ(set_->In(message, "").locale, "en");
}

TEST_F(MessageSetTest, AMisspeltVariableIsNamedWithASuggestion) {
  EXPECT_THAT(
      ProblemsOfBody("Hello\n\nCode: {{voucher.cod}}\n"),
      ElementsAre("late/en/body.txt:3: error: no variable is called 'voucher.cod'; did you mean "
                  "'voucher.code'?"));
  EXPECT_THAT(ProblemsOfBody("{{#incident.cause}}x{{/incident.cause}}"),
              ElementsAre("late/en/body.txt:1: error: no variable is called 'incident.cause'"));
}

TEST_F(MessageSetTest, WhatMayBeAbsentNeedsItsSection) {
  EXPECT_THAT(ProblemsOfBody("\n{{order.id}}"),
              ElementsAre("late/en/body.txt:2: error: 'order.id' may be absent: put it inside "
                          "{{#order.id}}...{{/order.id}}"));
  EXPECT_THAT(ProblemsOfBody("{{^order.id}}{{order.id}}{{/order.id}}"),
              ElementsAre("late/en/body.txt:1: error: 'order.id' may be absent: put it inside "
                          "{{#order.id}}...{{/order.id}}"));
  EXPECT_THAT(ProblemsOfBody("{{#order.id}}{{#customer.ms}}{{order.id}} {{customer.family_name}}"
                             "{{/customer.ms}}{{/order.id}}"),
              IsEmpty());
  EXPECT_THAT(ProblemsOfBody("{{#incident.promised_at_date}}{{incident.promised_at_time}}"
                             "{{/incident.promised_at_date}}{{incident.parcels}}"),
              IsEmpty());
}

TEST_F(MessageSetTest, WhatSpeaksOfAVoucherIsGuarded) {
  EXPECT_THAT(
      ProblemsOfBody("{{voucher.amount}}"),
      ElementsAre("late/en/body.txt:1: error: 'voucher.amount' may be absent: put it inside "
                  "{{#voucher.amount}}...{{/voucher.amount}}"));
  EXPECT_THAT(ProblemsOfBody("{{#voucher.code}}{{voucher.amount}} {{voucher.valid_until}}"
                             "{{/voucher.code}}"),
              IsEmpty());
}

TEST_F(MessageSetTest, AFlagIsNoText) {
  EXPECT_THAT(
      ProblemsOfBody("{{voucher.transferable}}{{incident.fragile}}"),
      ElementsAre("late/en/body.txt:1: error: 'incident.fragile' is a yes or no: use it as "
                  "{{#incident.fragile}}...{{/incident.fragile}}",
                  "late/en/body.txt:1: error: 'voucher.transferable' is a yes or no: use it as "
                  "{{#voucher.transferable}}...{{/voucher.transferable}}"));
}

TEST_F(MessageSetTest, SectionsAreClosedInOrder) {
  EXPECT_THAT(ProblemsOfBody("{{#order.id}}\n"),
              ElementsAre("late/en/body.txt:1: error: section 'order.id' is never closed"));
  EXPECT_THAT(ProblemsOfBody("\n\n{{/order.id}}\n"),
              ElementsAre("late/en/body.txt:3: error: 'order.id' is closed but was not opened"));
  EXPECT_THAT(ProblemsOfBody("{{#order.id}}{{#customer.ms}}{{/order.id}}{{/customer.ms}}").front(),
              "late/en/body.txt:1: error: 'customer.ms' is closed while 'order.id' is open");
}

TEST_F(MessageSetTest, ConstructsThatSurpriseAreRefused) {
  EXPECT_THAT(ProblemsOfBody("a\n{{voucher.code"),
              ElementsAre("late/en/body.txt:2: error: '{{' without '}}' on this line"));
  EXPECT_THAT(ProblemsOfBody("{{voucher.code\n}}"),
              ElementsAre("late/en/body.txt:1: error: '{{' without '}}' on this line"));
  EXPECT_THAT(ProblemsOfBody("{{{voucher.code}}}"),
              ElementsAre("late/en/body.txt:1: error: unescaped variables are not allowed: write "
                          "{{voucher.code}}"));
  EXPECT_THAT(ProblemsOfBody("{{&voucher.code}}"),
              ElementsAre("late/en/body.txt:1: error: unescaped variables are not allowed: write "
                          "{{voucher.code}}"));
  EXPECT_THAT(ProblemsOfBody("{{=<% %>=}}"),
              ElementsAre("late/en/body.txt:1: error: other delimiters are not allowed"));
  EXPECT_THAT(ProblemsOfBody("{{! a note\n over two lines }}x"), IsEmpty());
}

TEST_F(MessageSetTest, APartialsMistakeIsReportedWhereItIs) {
  Write("shared/en/foot.txt", "\n{{signer.nam}}\n");
  Write("late/en/body.html", "{{> foot}}");
  EXPECT_THAT(
      ProblemsOfBody("one\ntwo\n{{> foot}}\n{{nobody}}"),
      ElementsAre("late/en/body.txt:4: error: no variable is called 'nobody'",
                  "shared/en/foot.txt:2: error: no variable is called 'signer.nam'; did you mean "
                  "'signer.name'?"));
}

TEST_F(MessageSetTest, PartialsAreFoundByLanguageAndKind) {
  Write("shared/foot.txt", "plain");
  Write("shared/en/foot.html", "<b>");
  EXPECT_THAT(ProblemsOfBody("{{> foot}}"), IsEmpty());
  EXPECT_EQ(set_->In(*set_->Find("late"), "en").text->Render({}), "plain");
  Write("late/en/body.html", "{{> foot}}");
  ASSERT_THAT(Problems(), IsEmpty());
  EXPECT_EQ(set_->In(*set_->Find("late"), "en").html->Render({}), "<b>");
}

TEST_F(MessageSetTest, MissingAndRingShapedPartialsAreErrors) {
  EXPECT_THAT(
      ProblemsOfBody("{{> nowhere}}"),
      ElementsAre("late/en/body.txt:1: error: there is no partial 'nowhere' in the folder shared"));
  EXPECT_THAT(
      ProblemsOfBody("{{> ../../etc/passwd}}"),
      ElementsAre("late/en/body.txt:1: error: there is no partial '../../etc/passwd' in the folder "
                  "shared"));
  Write("shared/ring.txt", "{{> ring}}");
  EXPECT_THAT(
      ProblemsOfBody("{{> ring}}"),
      ElementsAre("shared/ring.txt:1: error: partials within partials, more than four deep"));
}

TEST_F(MessageSetTest, ANewLanguageIsToldWhatItLacks) {
  Write("late/fr/subject.txt", "Pardon");
  EXPECT_THAT(Problems(), ElementsAre("late/fr/body.html: error: is missing",
                                      "late/fr/body.txt: error: is missing"));
}

TEST_F(MessageSetTest, TheFoldersAreChecked) {
  Write("late/english/subject.txt", "x");
  Write("early/de/subject.txt", "x");
  Write("early/de/body.txt", "x");
  Write("early/de/body.html", "x");
  EXPECT_THAT(
      Problems(),
      ElementsAre("early: error: has no folder 'en', the default language",
                  "late/english: error: the folder's name is no locale such as de or de-CH"));
}

TEST_F(MessageSetTest, ASubjectCannotNameItself) {
  Write("late/en/subject.txt", "{{mail.subject}}");
  EXPECT_THAT(Problems(), ElementsAre("late/en/subject.txt:1: error: no variable is called "
                                      "'mail.subject'"));
}

TEST_F(MessageSetTest, EveryMistakeInVariablesIsNamed) {
  Write("late/variables.txt",
        "promised_at\nPromised text\nproduct string?\ndays days? a\nproduct text x\n"
        "# fine\nproduct text? # fine\nproduct text\n");
  EXPECT_THAT(
      Problems(),
      ElementsAre(
          "late/variables.txt:1: error: expected a name and a kind, such as: promised_at instant?",
          "late/variables.txt:2: error: 'Promised' is no name of an attribute",
          "late/variables.txt:3: error: 'string' is no kind; there are text, number, amount, date, "
          "instant, span, flag and days",
          "late/variables.txt:4: error: days counts between two attributes: days_late days? "
          "promised_at "
          "delivered_at",
          "late/variables.txt:5: error: too much behind the kind 'text'",
          "late/variables.txt:8: error: 'product' is declared twice"));
}

TEST_F(MessageSetTest, AMissingFolderAndAnOversizedFileAreErrors) {
  TemplateProblems problems;
  EXPECT_EQ(MessageSet::Load(directory_.File("nowhere"), "en", problems), nullptr);
  EXPECT_EQ(MessageSet::Load(directory_.path(), "english", problems), nullptr);
  EXPECT_EQ(problems.size(), 2U);
  EXPECT_THAT(ProblemsOfBody(std::string(TemplateSource::kBytesMax + 1, 'x')),
              ElementsAre("late/en/body.txt: error: is larger than 256 KiB"));
  EXPECT_THAT(ProblemsOfBody(std::string(TemplateSource::kBytesMax, 'x')), IsEmpty());
}

}  // namespace
}  // namespace kulanz::adapters
