// Letters with everything that is hard in them, read back by another program (parse_letters.py).

#include <gtest/gtest.h>

#include <cstdlib>

#include "service/adapters/mail/mail_address.h"
#include "tests/support/paths/paths.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/adapters/mail/letter_fixture.h"
#include "tests/unit/adapters/system/temp_directory.h"

namespace kulanz::adapters {
namespace {

using namespace kulanz::testing;  // NOLINT(google-build-using-namespace): the fixture's builders

// 64 bytes before the '@' and 253 behind it: the longest that the DNS can hold.
std::string AddressOfFullLength() {
  std::string domain;
  for (const std::size_t label : {63U, 63U, 63U, 58U}) domain += std::string(label, 'd') + ".";
  return std::string(64, 'l') + "@" + domain + "eu";
}

class LetterParseTest : public ::testing::Test {
 protected:
  void Write(const std::string& name, const ports::Delivery& delivery) {
    ASSERT_OK_AND_ASSIGN(const Letter letter, composer_.Compose(delivery));
    const Customer& customer = delivery.customer;
    const Signer signer = ThePeople().at(delivery.terms.signed_by);
    const std::string reply_to = signer.reply_to.empty() ? signer.email : signer.reply_to;
    const bool both = !customer.given_name.empty() && !customer.family_name.empty();
    folder_.Write(name + ".eml", letter.message);
    folder_.Write(name + ".txt", letter.text);
    folder_.Write(name + ".html", letter.html);
    folder_.Write(
        name + ".expected",
        "Date: 2026-09-10T07:12:00+00:00\nFrom name: " + signer.name +
            "\nFrom address: " + *ToAsciiAddress(signer.email) + "\nReply-To name: " + signer.name +
            "\nReply-To address: " + *ToAsciiAddress(reply_to) +
            "\nTo name: " + customer.given_name + (both ? " " : "") + customer.family_name +
            "\nTo address: " + *ToAsciiAddress(customer.email) + "\nSubject: " + letter.subject +
            "\nMessage-ID: <" + letter.message_id + ">\nContent-Language: " + letter.locale +
            "\nX-Kulanz-Incident: " + delivery.incident.id.text() + "\n");
  }
  void WriteNamed(const std::string& name, std::string given_name, std::string family_name) {
    Customer customer = MsMueller();
    customer.given_name = std::move(given_name);
    customer.family_name = std::move(family_name);
    Write(name, LateDelivery(customer));
  }
  TempDirectory folder_;
  LetterComposer composer_{ShippedSources()};
};

TEST_F(LetterParseTest, AnotherProgramReadsEveryPartAsItWasWritten) {
  Write("late-de", LateDelivery(MsMueller()));
  Write("late-en", LateDelivery(AlexKim()));
  Write("activation-de", DelayedActivation(MsMueller()));
  Write("activation-en", DelayedActivation(AlexKim()));
  Write("appointment-de", MissedAppointment(MsMueller()));
  Write("appointment-en", MissedAppointment(AlexKim()));
  WriteNamed("no-name", "", "");
  WriteNamed("only-family", "", "O'Connor");
  WriteNamed("quotes", "Ada \"Bob\" \\", "Smith, Jr. (CEO) <x@y.example>");
  WriteNamed("looks-encoded", "=?utf-8?q?x?=", "Kim");
  WriteNamed("right-to-left", "יעל", "مُحَمَّد");
  WriteNamed("emoji", "👩‍👩‍👧‍👦 Zoë", "🎁🇩🇪");
  WriteNamed("combining", "Zalgo e\u0301\u0327", "Ngô Đình");
  WriteNamed("long-ascii", std::string(200, 'a'), std::string(200, 'b'));
  WriteNamed("long-unicode", "ü" + std::string(198, 'x'), "語" + std::string(190, ' ') + "語");
  WriteNamed("mustache", "{{voucher.code}}", "{{#x}}");
  WriteNamed("html", "<script>alert(1)</script>", "&amp; \"Söhne\"");

  Customer customer = MsMueller();
  customer.email = AddressOfFullLength();
  ASSERT_EQ(customer.email.size(), 318U);
  Write("long-address", LateDelivery(customer));
  customer.email = "o'connor+shop=x@sub.müller-straße.example";
  Write("idn", LateDelivery(customer));

  ports::Delivery odd = LateDelivery(MsMueller());
  odd.incident.id = IncidentId("Vorfall-ü-" + std::string(110, 'x'));
  odd.incident.order->id = OrderId(std::string(128, 'o'));
  Write("long-ids", odd);

  const std::string command = "python3 '" +
                              test::SourcePath("tests/unit/adapters/mail/parse_letters.py") +
                              "' '" + folder_.path() + "'";
  // NOLINTNEXTLINE(cert-env33-c): a test that runs another program, by a fixed name.
  EXPECT_EQ(std::system(command.c_str()), 0) << "its output above says what was read differently";
}

}  // namespace
}  // namespace kulanz::adapters
