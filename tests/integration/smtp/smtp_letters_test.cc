// What arrives: letters through a real server, read by a real parser, byte by byte.
#include "tests/integration/smtp/smtp_fixture.h"
#include "tests/support/eventually.h"
#include "tests/support/status_matchers.h"

namespace kulanz::adapters {
namespace {

using namespace kulanz::testing;  // NOLINT(google-build-using-namespace): the fixture's builders
using ports::DeliveryResult;

class SmtpLettersTest : public SmtpTest {
 protected:
  // Sends it, and reads what the server was given last.
  MailServer::Letter Exchange(const ports::Delivery& delivery) {
    EXPECT_THAT(Send(delivery), Is(DeliveryResult::kAccepted, ""));
    const std::size_t number = arrived_++;
    EXPECT_TRUE(Eventually([&] { return server_->Index().size() == arrived_; }));
    return server_->Read(number);
  }

  static Customer Named(const std::string& given, const std::string& family) {
    Customer customer = MsMueller();
    customer.given_name = given;
    customer.family_name = family;
    return customer;
  }

  // The end of a part is the boundary's.
  static std::string Trimmed(std::string text) {
    while (text.ends_with('\n')) text.pop_back();
    return text;
  }

  std::size_t arrived_ = 0;
};

TEST_F(SmtpLettersTest, EveryByteArrives) {
  StartServer();
  StartMessenger();
  const std::vector<std::pair<std::string, std::string>> names = {{"Jördis", "Müller-Straßé"},
                                                                  {"Zoë 🎉", "O'Brien \"Zo\""},
                                                                  {"محمد", "الأحمد"},
                                                                  {"שרה", "כהן"},
                                                                  {"愛子", "山田"},
                                                                  {"Anna, Dr.", "<Berger>"},
                                                                  {std::string(60, 'x'), "Ngọc 🇻🇳"},
                                                                  {".", "."}};
  for (const auto& [given, family] : names) {
    const ports::Delivery delivery = LateDelivery(Named(given, family));
    ASSERT_OK_AND_ASSIGN(const Letter sent, composer_.Compose(delivery));
    const MailServer::Letter got = Exchange(delivery);
    EXPECT_EQ(got.at("raw"), sent.message) << given;
    EXPECT_EQ(got.at("subject"), sent.subject);
    EXPECT_EQ(got.at("to_name"), given + " " + family);
    EXPECT_EQ(Trimmed(got.at("html")), Trimmed(sent.html));
    // The parser joins flowed lines as a reader's program does, and keeps no line end at the end.
    EXPECT_EQ(got.at("text").substr(0, 40), sent.text.substr(0, 40));
    EXPECT_NE(got.at("text").find(delivery.voucher->code.Reveal("SORRY")), std::string::npos);
    EXPECT_EQ(got.at("from_name"), "Anna Berger");
    EXPECT_EQ(got.at("reply_to"), "service@example.com");
    EXPECT_EQ(got.at("auto_submitted"), "auto-generated");
    EXPECT_EQ(got.at("id"), sent.message_id);
  }
}

TEST_F(SmtpLettersTest, TheEnvelopeIsTheSignersOrTheOneOfTheBounces) {
  StartServer();
  StartMessenger();
  const MailServer::Letter plain = Exchange(LateDelivery(MsMueller()));
  EXPECT_EQ(plain.at("sender"), "anna.berger@example.com");
  EXPECT_EQ(plain.at("recipient"), "joerdis.mueller@example.com");
  options_.sender = "bounces@bücher.example";
  options_.client_name = "kulanz.example";
  StartMessenger();
  const MailServer::Letter bounces = Exchange(LateDelivery(MsMueller()));
  EXPECT_EQ(bounces.at("sender"), "bounces@xn--bcher-kva.example");
  EXPECT_EQ(bounces.at("hello"), "kulanz.example");
  EXPECT_EQ(bounces.at("raw"), plain.at("raw")) << "the envelope is not part of the letter";
  EXPECT_EQ(bounces.at("tls").substr(0, 5), "TLSv1");
}

TEST_F(SmtpLettersTest, AddressesAreCheckedBeforeAnyIsSpoken) {
  StartServer();
  StartMessenger();
  const auto to = [](std::string address) {
    Customer customer = MsMueller();
    customer.email = std::move(address);
    return LateDelivery(customer);
  };
  EXPECT_EQ(Exchange(to("user@müller.example")).at("recipient"), "user@xn--mller-kva.example");
  // The longest that there may be: 64 before the @, and a domain of 255.
  const std::string label = std::string(50, 'a') + ".";
  const std::string domain = label + label + label + label + std::string(51, 'b');
  ASSERT_EQ(domain.size(), 255U);
  const std::string longest = std::string(64, 'u') + "@" + domain;
  ASSERT_EQ(longest.size(), 320U);
  const auto report = Send(to(longest));
  if (report.result == DeliveryResult::kAccepted) ++arrived_;
  EXPECT_THAT(report.reason, ::testing::AnyOf("", "BAD_ADDRESS"))
      << "the domain name system has no names of more than 253 bytes";
  for (const std::string& bad :
       {longest + "b", std::string("jörg@example.com"),
        std::string("a@b.example\r\nRCPT TO:<c@d.example>"), std::string("a@b.example>\r\nDATA"),
        std::string("a b@c.example"), std::string("a@b.example\n"), std::string("<a@b.example>"),
        std::string("a@[127.0.0.1]"), std::string("a@b.example,c@d.example")}) {
    EXPECT_THAT(Send(to(bad)), Is(DeliveryResult::kUndeliverable, "BAD_ADDRESS")) << bad;
  }
  EXPECT_THAT(Send(LateDelivery(Named("Anna\r\nBcc: x@y.example", "B"))),
              Is(DeliveryResult::kUndeliverable, "BAD_NAME"));
  EXPECT_EQ(server_->Index().size(), arrived_) << "nothing else was sent";
}

TEST_F(SmtpLettersTest, AConnectionCarriesManyLetters) {
  StartServer();
  options_.connections = 2;
  StartMessenger();
  for (int i = 0; i < 20; ++i) EXPECT_THAT(Send(Numbered(i)), Is(DeliveryResult::kAccepted, ""));
  EXPECT_LE(server_->Connections(), 2);
}

TEST_F(SmtpLettersTest, AConnectionThatTheServerClosedMeanwhileCostsNoAttempt) {
  StartServer();
  options_.connections = 1;
  StartMessenger();
  EXPECT_THAT(Send(Numbered(1)), Is(DeliveryResult::kAccepted, ""));
  server_->Command("next sender 421 4.4.2 idle for too long");
  EXPECT_THAT(Send(Numbered(2)), Is(DeliveryResult::kAccepted, ""));
  server_->Command("next sender cut");
  EXPECT_THAT(Send(Numbered(3)), Is(DeliveryResult::kAccepted, ""));
  EXPECT_EQ(server_->Connections(), 3);
}

}  // namespace
}  // namespace kulanz::adapters
