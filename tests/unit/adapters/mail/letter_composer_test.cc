#include "service/adapters/mail/letter_composer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/unit/adapters/mail/letter_fixture.h"
#include "tests/unit/adapters/system/temp_directory.h"

namespace kulanz::adapters {
namespace {

using namespace kulanz::testing;  // NOLINT(google-build-using-namespace): the fixture's builders
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class LetterComposerTest : public ::testing::Test {
 protected:
  Letter Compose(const ports::Delivery& delivery) const {
    Result<Letter> letter = composer_.Compose(delivery);
    EXPECT_THAT(letter, IsOk());
    return letter.ok() ? *letter : Letter{};
  }
  void ExpectRefused(const ports::Delivery& delivery, Code code, const std::string& reason) const {
    EXPECT_THAT(composer_.Compose(delivery), StatusIs(code, reason));
  }
  LetterComposer composer_{ShippedSources()};
};

TEST_F(LetterComposerTest, TheSameDeliveryIsTheSameBytes) {
  const Letter first = Compose(LateDelivery(MsMueller()));
  const LetterComposer another(ShippedSources());
  ASSERT_OK_AND_ASSIGN(const Letter second, another.Compose(LateDelivery(MsMueller())));
  EXPECT_EQ(first.message, second.message);
  EXPECT_EQ(first.message_id, "00112233445566778899aabbccddeeff@example.com");
  EXPECT_EQ(first.sender, "anna.berger@example.com");
  EXPECT_EQ(first.recipient, "joerdis.mueller@example.com");
}

TEST_F(LetterComposerTest, EverybodyIsAddressedAsTheyWish) {
  const auto salutation = [&](Salutation as, const char* given, const char* family,
                              const char* locale) {
    Customer customer = MsMueller();
    customer.salutation = as;
    customer.given_name = given;
    customer.family_name = family;
    customer.locale = locale;
    const std::string text = Compose(LateDelivery(customer)).text;
    return text.substr(0, text.find('\n'));
  };
  EXPECT_EQ(salutation(Salutation::kMs, "Ada", "Müller", "de-DE"), "Sehr geehrte Frau Müller,");
  EXPECT_EQ(salutation(Salutation::kMr, "Ada", "Müller", "de"), "Sehr geehrter Herr Müller,");
  EXPECT_EQ(salutation(Salutation::kNeutral, "Alex", "Kim", "de"), "Guten Tag Alex Kim,");
  EXPECT_EQ(salutation(Salutation::kMs, "Ada", "", "de"), "Guten Tag Ada,");
  EXPECT_EQ(salutation(Salutation::kNeutral, "", "Kim", "de"), "Guten Tag Kim,");
  EXPECT_EQ(salutation(Salutation::kMr, "", "", "de"), "Guten Tag,");
  EXPECT_EQ(salutation(Salutation::kMs, "Ada", "Miller", "en-GB"), "Dear Ms Miller,");
  EXPECT_EQ(salutation(Salutation::kMr, "Ada", "Miller", "en"), "Dear Mr Miller,");
  EXPECT_EQ(salutation(Salutation::kNeutral, "Alex", "Kim", "xx"), "Dear Alex Kim,");
  EXPECT_EQ(salutation(Salutation::kMs, "", "", ""), "Hello,");
}

TEST_F(LetterComposerTest, FormatsAreTheReadersUnlessTheLanguageIsNot) {
  Customer customer = MsMueller();
  customer.locale = "de-AT";
  EXPECT_THAT(Compose(LateDelivery(customer)).text, HasSubstr("Wert: €\u00A08,54"));
  customer.locale = "fr-FR";
  const Letter letter = Compose(LateDelivery(customer));
  EXPECT_EQ(letter.locale, "en");
  EXPECT_THAT(letter.text, HasSubstr("Worth: €8.54"));
}

TEST_F(LetterComposerTest, DaysAreThoseOfTheCustomersZone) {
  ports::Delivery delivery = LateDelivery(MsMueller());  // promised_at is 23:59:59 in Berlin
  EXPECT_THAT(Compose(delivery).text,
              AllOf(HasSubstr("spätestens am Montag, 7. September"), HasSubstr("3 Tage zu spät")));
  delivery.customer.time_zone = "Asia/Tokyo";
  EXPECT_THAT(Compose(delivery).text,
              AllOf(HasSubstr("spätestens am Dienstag, 8. September"), HasSubstr("2 Tage zu spät"),
                    HasSubstr("einschließlich 8. März 2027")));
  delivery.customer.time_zone = "Mars/Olympus";
  EXPECT_THAT(Compose(delivery).text, HasSubstr("spätestens am Montag, 7. September"))
      << "an unknown zone: the policy's";
}

TEST_F(LetterComposerTest, AnApologyWithoutAVoucherSpeaksOfNone) {
  for (const Customer& customer : {MsMueller(), AlexKim()}) {
    for (const ports::Delivery& full :
         {LateDelivery(customer), DelayedActivation(customer), MissedAppointment(customer)}) {
      const Letter letter = Compose(WithoutVoucher(full));
      for (const std::string& part : {letter.subject, letter.text, letter.html}) {
        EXPECT_THAT(part, AllOf(Not(HasSubstr("oucher")), Not(HasSubstr("utschein")),
                                Not(HasSubstr("€")), Not(HasSubstr("{{"))))
            << full.terms.message << " in " << letter.locale;
      }
      EXPECT_THAT(letter.text, Not(HasSubstr("\n\n\n"))) << "no hole where the voucher would be";
    }
  }
}

TEST_F(LetterComposerTest, WithoutFactsTheSentenceStillStands) {
  ports::Delivery delivery = LateDelivery(MsMueller());
  delivery.incident.attributes.erase("delivered_at");
  EXPECT_THAT(Compose(delivery).text,
              HasSubstr("bei Ihnen sein. Sie ist noch immer nicht angekommen."));
  delivery.incident.attributes.clear();
  delivery.incident.order.reset();
  EXPECT_THAT(Compose(delivery).text,
              HasSubstr("\nIhre Bestellung kam später zu Ihnen, als wir es versprochen hatten.\n"));
}

TEST_F(LetterComposerTest, HtmlEscapesWhatPeopleWrote) {
  Customer customer = MsMueller();
  customer.family_name = "<script>\"'&";
  EXPECT_THAT(
      Compose(LateDelivery(customer)).html,
      AllOf(HasSubstr("Frau &lt;script&gt;&quot;&apos;&amp;,"), Not(HasSubstr("<script>"))));
}

TEST_F(LetterComposerTest, AValueIsNeverTakenForATemplate) {
  Customer customer = MsMueller();
  customer.family_name = "{{voucher.code}}";
  EXPECT_THAT(Compose(LateDelivery(customer)).text, HasSubstr("Frau {{voucher.code}},"));
}

TEST_F(LetterComposerTest, NothingGetsIntoAHeaderThatForgesOne) {
  for (const std::string bad :
       {"\r\nBcc: x@y.example", "\n", "\t", "\x7F", "\u2028", "\u202E", "\xFF"}) {
    ports::Delivery delivery = LateDelivery(MsMueller());
    delivery.customer.given_name = "Ada" + bad;
    ExpectRefused(delivery, Code::kInvalidArgument, "BAD_NAME");
    delivery = LateDelivery(MsMueller());
    delivery.customer.email = "a@b.example" + bad;
    ExpectRefused(delivery, Code::kInvalidArgument, "BAD_ADDRESS");
    delivery = LateDelivery(MsMueller());
    delivery.incident.id = IncidentId("I-1" + bad);
    EXPECT_THAT(Compose(delivery).message, Not(HasSubstr("X-Kulanz-Incident")));
  }
}

TEST_F(LetterComposerTest, ASubjectFromAnAttributeIsHeldToTheSameRules) {
  const TempDirectory folder;
  std::filesystem::create_directories(folder.File("m/en"));
  folder.Write("m/variables.txt", "product text\n");
  folder.Write("m/en/subject.txt", "About {{incident.product}}\n");
  folder.Write("m/en/body.txt", "x");
  folder.Write("m/en/body.html", "x");
  TemplateProblems problems;
  const LetterComposer composer({MessageSet::Load(folder.path(), "en", problems), ThePeople(), {}});
  ports::Delivery delivery = DelayedActivation(MsMueller());
  delivery.terms.message = "m";
  EXPECT_THAT(composer.Compose(delivery), IsOk());
  delivery.incident.attributes["product"] = std::string("x\r\nBcc: y");
  EXPECT_THAT(composer.Compose(delivery), StatusIs(Code::kInvalidArgument, "BAD_SUBJECT"));
  delivery.incident.attributes["product"] = std::string(501, 'x');
  EXPECT_THAT(composer.Compose(delivery), StatusIs(Code::kInvalidArgument, "BAD_SUBJECT"));
  delivery.incident.attributes["product"] = std::int64_t{7};
  EXPECT_THAT(composer.Compose(delivery), StatusIs(Code::kFailedPrecondition, "VARIABLE_MISSING"));
  delivery.incident.attributes.erase("product");
  EXPECT_THAT(composer.Compose(delivery), StatusIs(Code::kFailedPrecondition, "VARIABLE_MISSING"));
}

TEST_F(LetterComposerTest, ABadSignerIsNotTheCustomersFault) {
  LetterSources sources = ShippedSources();
  sources.signers["anna"].email = "anna";
  LetterComposer composer(sources);
  EXPECT_THAT(composer.Compose(LateDelivery(MsMueller())),
              StatusIs(Code::kFailedPrecondition, "BAD_SIGNER"));
  sources.signers["anna"] = {"Anna\r\nBcc: x", "", "anna@example.com", ""};
  composer.Replace(sources);
  EXPECT_THAT(composer.Compose(LateDelivery(MsMueller())),
              StatusIs(Code::kFailedPrecondition, "BAD_SIGNER"));
  sources.signers["anna"] = {"Anna", "", "anna@example.com", ""};
  composer.Replace(sources);
  EXPECT_THAT(composer.Compose(LateDelivery(MsMueller())), IsOk());
}

TEST_F(LetterComposerTest, NoMessagesAtAllIsAnUnknownMessage) {
  const LetterComposer composer({nullptr, ThePeople(), {}});
  EXPECT_THAT(composer.Compose(LateDelivery(MsMueller())),
              StatusIs(Code::kFailedPrecondition, "UNKNOWN_MESSAGE"));
}

}  // namespace
}  // namespace kulanz::adapters
