// Bad input over the wire: INVALID_ARGUMENT with every violation by field path, and nothing stored.

#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>
#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <string>
#include <vector>

#include "tests/e2e/api.h"
#include "tests/e2e/in_process.h"

namespace kulanz::e2e {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

constexpr char kInvalid[] = "INVALID_ARGUMENT/INVALID_REQUEST";

class ViolationsTest : public ::testing::Test {
 protected:
  ViolationsTest() { EXPECT_EQ(Reason(api().Upsert(ACustomer()).status), "OK"); }
  Api& api() { return service_.api(); }

  // Sends bytes as they are.
  grpc::Status CallRaw(const std::string& method, const std::string& bytes) {
    grpc::GenericStub stub(service_.NewChannel());
    grpc::ClientContext context;
    const grpc::Slice slice(bytes);
    const grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer response;
    std::promise<grpc::Status> done;
    stub.UnaryCall(&context, method, grpc::StubOptions(), &request, &response,
                   [&](const grpc::Status& status) { done.set_value(status); });
    return done.get_future().get();
  }

  // The violations of an incident that `change` made wrong; checks that nothing was stored.
  std::vector<std::string> Violations(const std::function<void(v1::Incident&)>& change,
                                      const std::string& type = "everything") {
    v1::Incident incident = LateDelivery("I-bad");
    if (type == "everything") {
      incident.set_type(type);
      incident.clear_attributes();
      incident.clear_order();
    }
    change(incident);
    const auto answer = api().Report(incident);
    EXPECT_EQ(Reason(answer.status), kInvalid);
    EXPECT_EQ(Reason(api().Evaluate(incident).status), kInvalid);
    EXPECT_EQ(Reason(api().GetDecision("I-bad").status), "NOT_FOUND/DECISION_NOT_FOUND");
    return Fields(answer.status);
  }

  InProcess service_;
};

TEST_F(ViolationsTest, NoIncidentAtAll) {
  v1::ReportIncidentRequest request;
  grpc::ClientContext context;
  v1::ReportIncidentResponse response;
  const auto status = api().incidents().ReportIncident(&context, request, &response);
  EXPECT_EQ(Reason(status), kInvalid);
  EXPECT_THAT(Fields(status), Contains("incident"));
}

TEST_F(ViolationsTest, TheWholeIncidentAtOnce) {
  EXPECT_THAT(Violations([](v1::Incident& incident) {
                incident.set_incident_id("");
                incident.set_customer_id("C\n1");
                incident.mutable_occurred_at()->set_nanos(-1);
                incident.set_revision(2'000'000);
                incident.set_reporter(static_cast<v1::Reporter>(77));
                incident.mutable_order()->mutable_total()->set_currency_code("EUR");
                incident.mutable_order()->mutable_total()->set_units(-3);
              }),
              UnorderedElementsAre("incident.incident_id", "incident.customer_id",
                                   "incident.occurred_at", "incident.revision", "incident.reporter",
                                   "incident.order.order_id", "incident.order.total"));
}

TEST_F(ViolationsTest, UnknownTypesAndAttributesAreNamedWithTheOthers) {
  EXPECT_THAT(Violations([](v1::Incident& incident) { incident.set_type("no_such_type"); }),
              ElementsAre("incident.type"));
  EXPECT_THAT(Violations([](v1::Incident& incident) {
                (*incident.mutable_attributes())["unheard_of"].set_bool_value(true);
                (*incident.mutable_attributes())["a_money"].mutable_money_value()->set_units(-1);
              }),
              UnorderedElementsAre(R"(incident.attributes["unheard_of"])",
                                   R"(incident.attributes["a_money"].currency_code)",
                                   R"(incident.attributes["a_money"])"));
}

TEST_F(ViolationsTest, EachAttributeInTheWrongType) {
  const std::vector<std::string> names = {"a_bool",   "an_int",      "a_decimal", "a_money",
                                          "a_string", "a_timestamp", "a_date",    "a_duration"};
  for (const std::string& name : names) {
    EXPECT_THAT(Violations([&](v1::Incident& incident) {
                  (*incident.mutable_attributes())[name].mutable_list_value()->add_values("x");
                }),
                ElementsAre("incident.attributes[\"" + name + "\"]"))
        << name;
  }
}

TEST_F(ViolationsTest, AttributesPastTheDeclaredSizeOrLiteral) {
  EXPECT_THAT(Violations([](v1::Incident& incident) {
                (*incident.mutable_attributes())["a_string"].set_string_value(std::string(41, 'x'));
              }),
              ElementsAre(R"(incident.attributes["a_string"])"));
  EXPECT_THAT(Violations(
                  [](v1::Incident& incident) {
                    (*incident.mutable_attributes())["cause"].set_string_value("carier");
                  },
                  "late_delivery"),
              ElementsAre(R"(incident.attributes["cause"])"));
}

TEST_F(ViolationsTest, WhatIsMissingIsNamedAndWhatCouldNotBeReadIsNamedOnce) {
  EXPECT_THAT(
      Violations(
          [](v1::Incident& incident) {
            incident.mutable_attributes()->erase("delivered_at");
            incident.clear_order();
            (*incident.mutable_attributes())["promised_at"].mutable_timestamp_value()->set_nanos(
                1'000'000'000);
          },
          "late_delivery"),
      UnorderedElementsAre(R"(incident.attributes["promised_at"])",
                           R"(incident.attributes["delivered_at"])",
                           ::testing::StartsWith("incident.order")));
}

TEST_F(ViolationsTest, AReporterThatMayNotReportThis) {
  auto incident = Outage("I-bad", "C-1");
  incident.set_reporter(v1::REPORTER_CUSTOMER);
  const auto answer = api().Report(incident);
  EXPECT_EQ(Reason(answer.status), kInvalid);
  EXPECT_THAT(Fields(answer.status), ElementsAre("incident.reporter"));
}

TEST_F(ViolationsTest, TimestampsOutOfRange) {
  for (const std::int64_t seconds :
       {std::int64_t{-62'135'596'801}, std::int64_t{253'402'300'800}}) {
    EXPECT_THAT(
        Violations([&](v1::Incident& incident) {
          incident.mutable_occurred_at()->set_seconds(seconds);
          (*incident.mutable_attributes())["a_timestamp"].mutable_timestamp_value()->set_seconds(
              seconds);
        }),
        ElementsAre("incident.occurred_at", R"(incident.attributes["a_timestamp"])"));
  }
}

TEST_F(ViolationsTest, BrokenUtf8IsNamedByItsField) {
  // ReportIncidentRequest{incident{incident_id: "\xFF", customer_id: "C-1", type: "x\xC3"}}
  const std::string incident =
      "\x0A\x01\xFF"
      "\x12\x03"
      "C-1"
      "\x1A\x02x\xC3";
  const std::string request =
      "\x0A" + std::string(1, static_cast<char>(incident.size())) + incident;
  for (const char* method : {"ReportIncident", "EvaluateIncident"}) {
    const auto status = CallRaw(std::string("/kulanz.v1.IncidentService/") + method, request);
    EXPECT_EQ(Reason(status), kInvalid) << method;
    EXPECT_THAT(Fields(status), ElementsAre("incident.incident_id", "incident.type")) << method;
  }
}

TEST_F(ViolationsTest, EveryUnaryMethodAnswersBytesThatAreNoMessage) {
  const std::string garbage(
      "\x0A\x7F"
      "abc");
  for (const char* method :
       {"IncidentService/ReportIncident", "IncidentService/EvaluateIncident",
        "IncidentService/GetDecision", "IncidentService/ListDecisions",
        "CustomerService/UpsertCustomer", "CustomerService/GetCustomer",
        "CustomerService/EraseCustomer", "VoucherService/GetVoucher",
        "VoucherService/ValidateVoucher", "VoucherService/RedeemVoucher",
        "VoucherService/ListVouchers", "VoucherService/ReserveVoucher",
        "VoucherService/ReleaseReservation", "VoucherService/ReverseRedemption",
        "VoucherService/RevokeVoucher", "VoucherService/ReissueVoucher"}) {
    const auto status = CallRaw(std::string("/kulanz.v1.") + method, garbage);
    EXPECT_EQ(Reason(status), kInvalid) << method;
    EXPECT_THAT(Fields(status), ElementsAre("")) << method;
    const auto empty = CallRaw(std::string("/kulanz.v1.") + method, "");
    EXPECT_EQ(Reason(empty), kInvalid) << method;
  }
}

TEST_F(ViolationsTest, AbsurdSizesAreRefused) {
  auto incident = LateDelivery("I-bad");
  (*incident.mutable_attributes())["cause"].set_string_value(std::string(70'000, 'x'));
  EXPECT_EQ(Reason(api().Report(incident).status), "INVALID_ARGUMENT/REQUEST_TOO_LARGE");
  (*incident.mutable_attributes())["cause"].set_string_value(std::string(3'000'000, 'x'));
  EXPECT_EQ(api().Report(incident).status.error_code(), grpc::RESOURCE_EXHAUSTED);
  EXPECT_EQ(Reason(api().GetDecision("I-bad").status), "NOT_FOUND/DECISION_NOT_FOUND");
  EXPECT_EQ(Reason(api().Upsert(ACustomer("C-2")).status), "OK") << "the server goes on";
}

TEST_F(ViolationsTest, ViolationsFitIntoATrailerHoweverManyThereAre) {
  auto incident = LateDelivery("I-bad");
  for (int i = 0; i < 61; ++i) {
    auto& value = (*incident.mutable_attributes())[std::string(50, 'n') + std::to_string(i)];
    value.mutable_timestamp_value()->set_nanos(-1);
  }
  const auto answer = api().Report(incident);
  EXPECT_EQ(Reason(answer.status), kInvalid);
  EXPECT_GT(Fields(answer.status).size(), 20U);
}

TEST_F(ViolationsTest, CustomersThatBreakARuleAreNotStored) {
  auto customer = ACustomer("C-2");
  customer.set_given_name("Anna\r\nBcc: everybody@example.com");
  customer.set_email("a@b\r\nBcc: x@y");
  customer.set_time_zone("Europe/Atlantis");
  customer.set_locale("klingon!");
  customer.set_orders_completed(-1);
  const auto answer = api().Upsert(customer);
  EXPECT_EQ(Reason(answer.status), kInvalid);
  EXPECT_THAT(Fields(answer.status),
              UnorderedElementsAre("customer.given_name", "customer.email", "customer.time_zone",
                                   "customer.locale", "customer.orders_completed"));
  EXPECT_EQ(Reason(api().GetCustomer("C-2").status), "NOT_FOUND/CUSTOMER_NOT_FOUND");
}

TEST_F(ViolationsTest, RedemptionsAreCheckedToo) {
  v1::RedeemVoucherRequest request;
  request.set_customer_id("C\t1");
  request.mutable_order_total()->set_units(-1);
  request.mutable_order_total()->set_currency_code("EUR");
  const auto answer = api().Redeem(request);
  EXPECT_EQ(Reason(answer.status), kInvalid);
  EXPECT_THAT(Fields(answer.status),
              ElementsAre("code", "customer_id", "order_total", "redemption_id", "order_id"));
}

}  // namespace
}  // namespace kulanz::e2e
