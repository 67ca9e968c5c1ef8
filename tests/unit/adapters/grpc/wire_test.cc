#include "service/adapters/grpc/wire.h"

#include <gmock/gmock.h>
#include <grpcpp/server_context.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "google/rpc/error_details.pb.h"
#include "kulanz/v1/customer_service.pb.h"
#include "kulanz/v1/incident_service.pb.h"
#include "service/adapters/grpc/errors.h"

namespace kulanz::rpc {
namespace {

using ::testing::ElementsAre;

grpc::ByteBuffer Bytes(const std::string& text, std::size_t slices = 1) {
  std::vector<grpc::Slice> parts;
  const std::size_t step = text.size() / slices + 1;
  for (std::size_t at = 0; at < text.size(); at += step) {
    parts.emplace_back(text.substr(at, step));
  }
  return {parts.data(), parts.size()};
}

// A field of length-delimited type: tag and length of one byte each.
std::string Field(int number, const std::string& bytes) {
  return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(bytes.size())} + bytes;
}

TEST(WireTest, MessagesGoThereAndBackInAnyNumberOfPieces) {
  v1::ReportIncidentRequest request;
  request.mutable_incident()->set_incident_id(std::string(300, 'i'));
  for (const std::size_t slices : {1U, 2U, 7U}) {
    v1::ReportIncidentRequest back;
    EXPECT_TRUE(ParseMessage(Bytes(request.SerializeAsString(), slices), back).ok());
    EXPECT_EQ(back.incident().incident_id(), request.incident().incident_id());
  }
  v1::ReportIncidentRequest back;
  EXPECT_TRUE(ParseMessage(SerializeMessage(request), back).ok());
  EXPECT_EQ(back.incident().incident_id(), request.incident().incident_id());
}

TEST(WireTest, AnEmptyMessageIsAMessage) {
  v1::GetDecisionRequest request;
  EXPECT_TRUE(ParseMessage(grpc::ByteBuffer(), request).ok());
  EXPECT_TRUE(ParseMessage(SerializeMessage(request), request).ok());
}

TEST(WireTest, ArenasAreUsedAgain) {
  for (int i = 0; i < 3; ++i) {
    ArenaLease arena;
    auto& message = arena.Make<v1::ReportIncidentRequest>();
    EXPECT_FALSE(message.has_incident());
    message.mutable_incident()->set_type(std::string(40'000, 't'));
  }
}

TEST(WireTest, EveryStringThatIsNotUtf8IsNamed) {
  // customer.given_name, customer.tags[1], a value and a key of customer.attributes.
  const std::string customer =
      Field(1, "C-1") + Field(2, "\xFF") + Field(12, "ok") + Field(12, "a\xC3") +
      std::string("\x82\x01", 2) + char(8) + Field(1, "k") + Field(2, "\x80\x80\x80") +
      std::string("\x82\x01", 2) + char(6) + Field(1, "\xFE") + Field(2, "x");
  v1::UpsertCustomerRequest request;
  const Status status = ParseMessage(Bytes(Field(1, customer)), request);
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  EXPECT_EQ(status.reason(), "INVALID_REQUEST");
  EXPECT_THAT(
      status.violations(),
      ElementsAre(FieldViolation{"customer.given_name", "is not UTF-8"},
                  FieldViolation{"customer.tags[1]", "is not UTF-8"},
                  FieldViolation{R"(customer.attributes["k"])", "is not UTF-8"},
                  FieldViolation{R"(customer.attributes["\?"])", "has a key that is not UTF-8"}));
}

TEST(WireTest, BrokenStringsAreFoundInOneofsAndLists) {
  const std::string value = Field(9, Field(1, "ok") + Field(1, "\xFF"));
  const std::string entry = Field(1, "name") + Field(2, value);
  v1::StreamIncidentsRequest request;
  const Status status = ParseMessage(Bytes(Field(1, "r-1") + Field(2, Field(8, entry))), request);
  EXPECT_THAT(status.violations(),
              ElementsAre(FieldViolation{R"(incident.attributes["name"].list_value.values[1])",
                                         "is not UTF-8"}));
}

TEST(WireTest, BytesThatAreNoMessageAreCalledThat) {
  v1::ReportIncidentRequest request;
  for (const std::string& bytes :
       {std::string("\x0A\x05"
                    "abc"),
        std::string(100, '\xFF'), std::string("\x0A\xFF\xFF\xFF\xFF\x0F")}) {
    EXPECT_THAT(
        ParseMessage(Bytes(bytes), request).violations(),
        ElementsAre(FieldViolation{"", "the bytes are no kulanz.v1.ReportIncidentRequest"}));
  }
}

TEST(WireTest, ARequestHoldsSoManyBytesAndNotOneMore) {
  v1::GetDecisionRequest request;
  request.set_incident_id(std::string(kRequestBytesMax - 4, 'x'));
  ASSERT_EQ(request.ByteSizeLong(), kRequestBytesMax);
  EXPECT_TRUE(ParseMessage(SerializeMessage(request), request).ok());
  request.mutable_incident_id()->push_back('x');
  const Status status = ParseMessage(SerializeMessage(request), request);
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  EXPECT_EQ(status.reason(), "REQUEST_TOO_LARGE");
}

google::rpc::Status Proto(const Status& status) {
  google::rpc::Status proto;
  ToProto(status, proto);
  return proto;
}

TEST(ErrorsTest, EveryErrorCarriesItsReasonAndMetadata) {
  const auto proto = Proto(Status(Code::kAlreadyExists, "INCIDENT_CONFLICT", "other facts")
                               .WithMetadata("fields", "type"));
  EXPECT_EQ(proto.code(), 6);
  EXPECT_EQ(proto.message(), "other facts");
  ASSERT_EQ(proto.details_size(), 1);
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(proto.details(0).UnpackTo(&info));
  EXPECT_EQ(info.reason(), "INCIDENT_CONFLICT");
  EXPECT_EQ(info.domain(), "kulanz.dev");
  EXPECT_EQ(info.metadata().at("fields"), "type");
}

TEST(ErrorsTest, RetryHintsAreADetail) {
  const auto proto = Proto(Status(Code::kUnavailable, "STORE_UNREACHABLE", "away")
                               .WithRetryAfter(std::chrono::milliseconds{1250}));
  google::rpc::RetryInfo retry;
  ASSERT_EQ(proto.details_size(), 2);
  ASSERT_TRUE(proto.details(1).UnpackTo(&retry));
  EXPECT_EQ(retry.retry_delay().seconds(), 1);
  EXPECT_EQ(retry.retry_delay().nanos(), 250'000'000);
}

TEST(ErrorsTest, WhatIsUnavailableAlwaysSaysWhenToRepeat) {
  grpc::ServerContext context;
  const Status lost(Code::kUnavailable, "STORE_UNCERTAIN", "the connection was lost");
  google::rpc::Status sent;
  ASSERT_TRUE(sent.ParseFromString(ToGrpc(lost, context).error_details()));
  google::rpc::RetryInfo retry;
  ASSERT_EQ(sent.details_size(), 2);
  ASSERT_TRUE(sent.details(1).UnpackTo(&retry));
  EXPECT_EQ(retry.retry_delay().nanos(), 200'000'000);
  EXPECT_EQ(Proto(Status(Code::kInternal, "STORE_BROKEN", "no")).details_size(), 1);
}

TEST(ErrorsTest, ARefusalIsTheSameOnTheWireTheFirstTimeAndEveryTimeAfter) {
  for (int i = 1; i <= 3; ++i) {
    for (const char* reason : {"A", "B", "C", "D", "E"}) {
      for (const char* message : {"come later", "come \xFF later"}) {
        const Status refusal = Status(Code::kResourceExhausted, reason, message)
                                   .WithRetryAfter(std::chrono::milliseconds{999 * i});
        grpc::ServerContext context;
        const grpc::Status sent = ToGrpc(refusal, context);
        const google::rpc::Status expected = Proto(refusal);
        EXPECT_EQ(sent.error_code(), grpc::RESOURCE_EXHAUSTED);
        EXPECT_EQ(sent.error_message(), expected.message());
        EXPECT_EQ(sent.error_details(), expected.SerializeAsString());
      }
    }
  }
}

TEST(ErrorsTest, TheDetailsFitIntoATrailerHoweverMuchIsWrong) {
  Violations violations;
  for (int i = 0; i < 1000; ++i) {
    violations.push_back(
        {"incident.attributes[\"" + std::to_string(i) + "\"]", std::string(100, 'd') + "\xFF"});
  }
  const auto proto = Proto(Status::Invalid(violations));
  EXPECT_LE(proto.ByteSizeLong(), kErrorDetailsBytesMax + 200);
  google::rpc::BadRequest bad;
  ASSERT_TRUE(proto.details(1).UnpackTo(&bad));
  ASSERT_GT(bad.field_violations_size(), 20);
  const int shown = bad.field_violations_size() - 1;
  EXPECT_EQ(
      bad.field_violations(shown).description(),
      std::to_string(1000 - shown) + " further violations are not shown; correct these first");
  google::rpc::Status long_message = Proto(Status(Code::kInternal, "X", std::string(5000, 'm'))
                                               .WithMetadata("k", std::string(9000, 'v')));
  EXPECT_LE(long_message.ByteSizeLong(), 2000U);
}

}  // namespace
}  // namespace kulanz::rpc
