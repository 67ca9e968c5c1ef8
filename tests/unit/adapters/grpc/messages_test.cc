// Reading whole messages: every violation at once, by path, and good messages there and back.

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <string>

#include "google/protobuf/text_format.h"
#include "service/adapters/grpc/read_customer.h"
#include "service/adapters/grpc/read_incident.h"
#include "service/adapters/grpc/write_messages.h"

namespace kulanz::rpc {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr FieldPath kRequest;

template <typename Message>
Message Parse(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

std::vector<std::string> Fields(const Violations& violations) {
  std::vector<std::string> fields;
  for (const FieldViolation& violation : violations) {
    fields.push_back(violation.field);
  }
  return fields;
}

Violations IncidentProblems(const v1::Incident& message) {
  FieldReader reader;
  ReadIncident(reader, kRequest.Field("incident"), message);
  return reader.Take();
}

Violations CustomerProblems(const v1::Customer& message) {
  FieldReader reader;
  ReadCustomer(reader, kRequest.Field("customer"), message);
  return reader.Take();
}

constexpr char kGoodIncident[] = R"(
  incident_id: "I-1" customer_id: "C-1" type: "late_delivery"
  occurred_at { seconds: 1790000000 nanos: 123000000 } revision: 2 reporter: REPORTER_AGENT
  order { order_id: "O-1" total { currency_code: "EUR" units: 80 } placed_at { seconds: 1780000000 } }
  attributes { key: "a_bool" value { bool_value: true } }
  attributes { key: "b_int" value { int_value: -7 } }
  attributes { key: "c_decimal" value { decimal_value: "-12.50" } }
  attributes { key: "d_money" value { money_value { currency_code: "CHF" units: 1 nanos: 50000000 } } }
  attributes { key: "e_string" value { string_value: "carrier" } }
  attributes { key: "f_time" value { timestamp_value { seconds: -1 nanos: 999000000 } } }
  attributes { key: "g_date" value { date_value: "2026-03-01" } }
  attributes { key: "h_duration" value { duration_value { seconds: -90 nanos: -5000000 } } }
  attributes { key: "i_list" value { list_value { values: "a" values: "b" } } }
  attributes { key: "j_list" value { list {
    items { int_value: 3 } items { date_value: "2026-03-01" } items { string_value: "x" } } } }
  attributes { key: "k_records" value { records {
    items { fields { key: "minutes" value { int_value: 181 } }
            fields { key: "paid" value { money_value { currency_code: "EUR" units: 2 } } } }
    items { } } } }
)";

TEST(ReadIncidentTest, EveryFieldGoesThereAndBack) {
  const auto message = Parse<v1::Incident>(kGoodIncident);
  FieldReader reader;
  const Incident incident = ReadIncident(reader, kRequest, message);
  EXPECT_THAT(Fields(reader.Take()), IsEmpty());
  EXPECT_EQ(incident.attributes.size(), 11U);
  v1::Incident back;
  Write(incident, back);
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(back, message))
      << back.DebugString();
}

TEST(ReadIncidentTest, AnEmptyMessageLacksEverythingRequired) {
  EXPECT_THAT(Fields(IncidentProblems({})),
              ElementsAre("incident.incident_id", "incident.customer_id", "incident.type",
                          "incident.occurred_at"));
}

TEST(ReadIncidentTest, EveryViolationIsNamedAtOnce) {
  const auto message = Parse<v1::Incident>(R"(
    incident_id: "a\nb" customer_id: "" type: "late delivery\t"
    occurred_at { seconds: 1 nanos: -1 } revision: 1000001 reporter: 9
    order { total { currency_code: "EUR" units: -1 } placed_at { seconds: 999999999999 } }
    attributes { key: "" value { bool_value: true } }
    attributes { key: "a" value { } }
    attributes { key: "b" value { decimal_value: "1e5" } }
    attributes { key: "c" value { date_value: "2026-02-30" } }
    attributes { key: "d" value { string_value: "x\r\nBcc: y" } }
    attributes { key: "e" value { duration_value { seconds: 1 nanos: -1 } } }
    attributes { key: "f" value { list_value { values: "ok" values: "\x07" } } }
    attributes { key: "g" value { money_value { currency_code: "QQQ" nanos: 1 } } }
    attributes { key: "h" value { list { items { int_value: 1 } items { } items { date_value: "x" } } } }
    attributes { key: "i" value { records {
      items { fields { key: "b" value { decimal_value: "1e5" } } fields { key: "a" value { } } }
      items { fields { key: "" value { int_value: 1 } } } } } }
  )");
  EXPECT_THAT(
      Fields(IncidentProblems(message)),
      ElementsAre("incident.incident_id", "incident.customer_id", "incident.type",
                  "incident.occurred_at", "incident.revision", "incident.reporter",
                  "incident.order.order_id", "incident.order.total", "incident.order.placed_at",
                  R"(incident.attributes[""])", R"(incident.attributes["a"])",
                  R"(incident.attributes["b"])", R"(incident.attributes["c"])",
                  R"(incident.attributes["d"])", R"(incident.attributes["e"])",
                  R"(incident.attributes["f"][1])", R"(incident.attributes["g"].currency_code)",
                  R"(incident.attributes["h"][1])", R"(incident.attributes["h"][2])",
                  R"(incident.attributes["i"][0]["a"])", R"(incident.attributes["i"][0]["b"])",
                  R"(incident.attributes["i"][1][""])"));
}

TEST(ReadIncidentTest, SizesHoldAtTheLimitAndNotOnePast) {
  auto message = Parse<v1::Incident>(kGoodIncident);
  message.set_type(std::string(64, 't'));
  message.set_revision(1'000'000);
  auto& attributes = *message.mutable_attributes();
  attributes["e_string"].set_string_value(std::string(1024, 's'));
  attributes[std::string(64, 'n')].set_bool_value(true);
  auto& list = *attributes["i_list"].mutable_list_value();
  while (list.values_size() < 64) {
    list.add_values(std::string(1024, 'v'));
  }
  for (int i = static_cast<int>(attributes.size()); i < 64; ++i) {
    attributes["n" + std::to_string(i)].set_int_value(i);
  }
  EXPECT_THAT(Fields(IncidentProblems(message)), IsEmpty());

  auto past = message;
  past.set_type(std::string(65, 't'));
  (*past.mutable_attributes())["e_string"].set_string_value(std::string(1025, 's'));
  (*past.mutable_attributes())["i_list"].mutable_list_value()->add_values("one more");
  EXPECT_THAT(Fields(IncidentProblems(past)),
              ElementsAre("incident.type", R"(incident.attributes["e_string"])",
                          R"(incident.attributes["i_list"])"));

  past = message;
  (*past.mutable_attributes())["one_more"].set_bool_value(true);
  EXPECT_THAT(
      IncidentProblems(past),
      ElementsAre(FieldViolation{"incident.attributes", "has 65 entries; at most 64 are allowed"}));

  past = message;
  past.mutable_attributes()->erase("a_bool");
  (*past.mutable_attributes())[std::string(65, 'n')].set_bool_value(true);
  EXPECT_THAT(Fields(IncidentProblems(past)),
              ElementsAre("incident.attributes[\"" + std::string(64, 'n') + "...\"]"));
}

TEST(ReadIncidentTest, ListsAndRecordsHoldAtTheLimitAndNotOnePast) {
  auto message = Parse<v1::Incident>(kGoodIncident);
  auto& attributes = *message.mutable_attributes();
  auto& list = *attributes["j_list"].mutable_list();
  while (list.items_size() < 64) {
    list.add_items()->set_string_value(std::string(1024, 'v'));
  }
  auto& records = *attributes["k_records"].mutable_records();
  while (records.items_size() < 64) {
    records.add_items();
  }
  auto& fields = *records.mutable_items(1)->mutable_fields();
  fields[std::string(64, 'n')].set_string_value(std::string(1024, 's'));
  for (int i = static_cast<int>(fields.size()); i < 16; ++i) {
    fields["n" + std::to_string(i)].set_bool_value(false);
  }
  EXPECT_THAT(Fields(IncidentProblems(message)), IsEmpty());
  fields["one more"].set_bool_value(true);
  EXPECT_THAT(Fields(IncidentProblems(message)),
              ElementsAre(R"(incident.attributes["k_records"][1])"));
  records.add_items();
  list.add_items()->set_bool_value(true);
  EXPECT_THAT(
      Fields(IncidentProblems(message)),
      ElementsAre(R"(incident.attributes["j_list"])", R"(incident.attributes["k_records"])"));
}

TEST(ReadIncidentTest, DecimalsAreExactOrRefused) {
  for (const char* good : {"0", "-0.5", "9223372036854775807", "0.000000000000000001", "12.50"}) {
    v1::Incident message = Parse<v1::Incident>(kGoodIncident);
    (*message.mutable_attributes())["c_decimal"].set_decimal_value(good);
    EXPECT_THAT(Fields(IncidentProblems(message)), IsEmpty()) << good;
  }
  for (const char* bad :
       {"", ".", "1.", ".5", "+1", "1e3", "0x10", "1,5", " 1", "NaN", "--1", "9223372036854775808",
        "0.0000000000000000001", "00000000000000000000000000000000000000000"}) {
    v1::Incident message = Parse<v1::Incident>(kGoodIncident);
    (*message.mutable_attributes())["c_decimal"].set_decimal_value(bad);
    EXPECT_THAT(Fields(IncidentProblems(message)),
                ElementsAre(R"(incident.attributes["c_decimal"])"))
        << bad;
  }
}

constexpr char kGoodCustomer[] = R"(
  customer_id: "C-1" given_name: "Ayşe" family_name: "Schröder" salutation: SALUTATION_MS
  email: "ayse@example.com" locale: "de-DE" time_zone: "Europe/Berlin" customer_since: "2017-01-31"
  orders_completed: 41 lifetime_value { currency_code: "EUR" units: 3280 nanos: 330000000 }
  segment: "gold" tags: "app" tags: "newsletter" preferred_channel: CHANNEL_WEBHOOK
  contact_consent: false blocked: true attributes { key: "store" value: "Köln" }
)";

TEST(ReadCustomerTest, EveryFieldGoesThereAndBack) {
  const auto message = Parse<v1::Customer>(kGoodCustomer);
  FieldReader reader;
  const Customer customer = ReadCustomer(reader, kRequest, message);
  EXPECT_THAT(Fields(reader.Take()), IsEmpty());
  v1::Customer back;
  Write(customer, back);
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(back, message))
      << back.DebugString();
}

TEST(ReadCustomerTest, ConsentIsGivenUnlessItIsRefused) {
  FieldReader reader;
  v1::Customer message;
  EXPECT_TRUE(ReadCustomer(reader, kRequest, message).contact_consent);
  message.set_contact_consent(false);
  EXPECT_FALSE(ReadCustomer(reader, kRequest, message).contact_consent);
}

TEST(ReadCustomerTest, EveryViolationIsNamedAtOnce) {
  const auto message = Parse<v1::Customer>(R"(
    given_name: "Anna\r\nBcc: x@y.z" family_name: "a\x00" salutation: 7 email: "a@b\r\nBcc: c@d.e"
    locale: "de\n" time_zone: "Europe/Berlin\t" customer_since: "31.01.2017" orders_completed: -1
    lifetime_value { currency_code: "EUR" units: -5 } segment: "\x1b[31m"
    tags: "" tags: "a" tags: "a" preferred_channel: 7
    attributes { key: "" value: "x" } attributes { key: "k" value: "\n" }
  )");
  EXPECT_THAT(
      Fields(CustomerProblems(message)),
      ElementsAre("customer.customer_id", "customer.given_name", "customer.family_name",
                  "customer.salutation", "customer.email", "customer.locale", "customer.time_zone",
                  "customer.customer_since", "customer.orders_completed", "customer.lifetime_value",
                  "customer.segment", "customer.tags[0]", "customer.tags[2]",
                  "customer.preferred_channel", R"(customer.attributes[""])",
                  R"(customer.attributes["k"])"));
}

TEST(ReadCustomerTest, SizesHoldAtTheLimitAndNotOnePast) {
  const auto with = [](auto change) {
    auto message = Parse<v1::Customer>(kGoodCustomer);
    change(message);
    return Fields(CustomerProblems(message));
  };
  const auto fill = [](v1::Customer& message, int tags, int attributes) {
    message.clear_tags();
    message.clear_attributes();
    for (int i = 0; i < tags; ++i) {
      message.add_tags("tag" + std::to_string(i));
    }
    for (int i = 0; i < attributes; ++i) {
      (*message.mutable_attributes())["a" + std::to_string(i)] = std::string(256, 'v');
    }
  };
  EXPECT_THAT(with([&](auto& m) {
                m.set_given_name(std::string(200, 'g'));
                m.set_family_name(std::string(200, 'f'));
                m.set_locale("de-" + std::string(8, 'a') + "-" + std::string(8, 'b') + "-" +
                             std::string(8, 'c') + "-" + std::string(5, 'd'));
                m.set_time_zone(std::string(64, 'z'));
                m.set_segment(std::string(64, 's'));
                m.set_orders_completed(1'000'000'000);
                fill(m, 32, 32);
                m.set_tags(0, std::string(64, 't'));
              }),
              IsEmpty());
  EXPECT_THAT(with([&](auto& m) {
                m.set_given_name(std::string(201, 'g'));
                m.set_family_name(std::string(201, 'f'));
                m.set_email(std::string(64, 'a') + "@" + std::string(256, 'b'));
                m.set_locale(std::string(36, 'l'));
                m.set_time_zone(std::string(65, 'z'));
                m.set_segment(std::string(65, 's'));
                m.set_orders_completed(1'000'000'001);
                fill(m, 33, 33);
              }),
              ElementsAre("customer.given_name", "customer.family_name", "customer.email",
                          "customer.locale", "customer.time_zone", "customer.orders_completed",
                          "customer.segment", "customer.tags", "customer.attributes"));
  EXPECT_THAT(with([&](auto& m) {
                fill(m, 1, 1);
                m.set_tags(0, std::string(65, 't'));
                (*m.mutable_attributes())["a0"] = std::string(257, 'v');
              }),
              ElementsAre("customer.tags[0]", R"(customer.attributes["a0"])"));
}

TEST(ReadTest, DescriptionsNeverRepeatAValue) {
  auto message = Parse<v1::Customer>(kGoodCustomer);
  message.set_email("secret address");
  message.set_given_name("secret\nname");
  message.set_customer_since("secret");
  for (const FieldViolation& violation : CustomerProblems(message)) {
    EXPECT_THAT(violation.description, testing::Not(HasSubstr("secret"))) << violation.field;
  }
}

}  // namespace
}  // namespace kulanz::rpc
