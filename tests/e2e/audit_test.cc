// The audit log of a real server: who changed what, and nothing that is a secret or personal.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <vector>

#include "kulanz/v1/breaker_service.grpc.pb.h"
#include "kulanz/v1/letter_service.grpc.pb.h"
#include "kulanz/v1/pool_service.grpc.pb.h"
#include "tests/e2e/access_fixture.h"

namespace kulanz::e2e {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class AuditTest : public AccessTest {
 protected:
  AuditTest() {
    Start();
    support_.more = R"("groups":["support"])";
    platform_.more = R"("groups":["platform"])";
  }
  std::vector<std::string> Entries() const {
    std::vector<std::string> lines;
    std::ifstream file(files_.File("data/audit.log"));
    for (std::string line; std::getline(file, line);) {
      lines.push_back(line);
    }
    return lines;
  }
  void AsAgent(grpc::ClientContext& context, const std::string& request_id) const {
    context.AddMetadata("authorization", "Bearer " + Token(support_));
    context.AddMetadata("x-request-id", request_id);
  }
  void AsOperator(grpc::ClientContext& context) const {
    context.AddMetadata("authorization", "Bearer " + Token(platform_));
  }
  // Imports a code into each of `pools`, one message each, as an operator; how the import ended.
  std::string Import(const std::vector<std::string>& pools) const {
    grpc::ClientContext context;
    AsOperator(context);
    v1::ImportPoolCodesResponse summary;
    const auto stream = v1::PoolService::NewStub(Channel())->ImportPoolCodes(&context, &summary);
    for (const std::string& pool : pools) {
      v1::ImportPoolCodesRequest request;
      request.set_pool(pool);
      request.add_codes("CODE-" + std::to_string(++codes_));
      stream->Write(request);
    }
    stream->WritesDone();
    return Reason(stream->Finish());
  }
  Claims support_;
  Claims platform_;
  mutable int codes_ = 0;
};

TEST_F(AuditTest, TellsWhoChangedWhatWithoutSecretsAndPersonalData) {
  const auto erp = Channel("erp");
  Api program(erp);
  ASSERT_EQ(Reason(program.Upsert(ACustomer()).status), "OK");
  const auto reported = program.Report(LateDelivery("I-1"));
  ASSERT_EQ(Reason(reported.status), "OK");
  EXPECT_THAT(Entries(), IsEmpty()) << "what programs do is their daily work";
  const std::string code = reported->decision().voucher().code();
  const std::string id = reported->decision().voucher().voucher_id();
  ASSERT_FALSE(code.empty());

  const auto channel = Channel();
  const auto vouchers = v1::VoucherService::NewStub(channel);
  v1::RevokeVoucherRequest revoke;
  revoke.mutable_voucher()->set_code(code);
  revoke.set_revocation_id("R-1");
  revoke.set_reason("the parcel was there all along");
  v1::RevokeVoucherResponse revoked;
  grpc::ClientContext first;
  AsAgent(first, "call-1");
  ASSERT_EQ(Reason(vouchers->RevokeVoucher(&first, revoke, &revoked)), "OK");
  const std::string who = R"("who":"token:https://login.test#anna","roles":"agent, author",)"
                          R"("from":"127.0.0.1",)";
  const std::string what = R"("what":"kulanz.v1.VoucherService/RevokeVoucher",)";
  const std::string revision = R"("policy_revision":")" + reported->decision().policy_revision();
  EXPECT_THAT(
      Entries(),
      ElementsAre(AllOf(HasSubstr(R"("audit":"begin",)" + who + what + R"("request_id":"call-1",)"),
                        HasSubstr(revision)),
                  AllOf(HasSubstr(R"("audit":"end",)" + who + what + R"("subject":"voucher:)" + id),
                        HasSubstr(R"("request_id":"call-1")"), HasSubstr(revision),
                        HasSubstr(R"("result":"OK"})"))));

  const auto customers = v1::CustomerService::NewStub(channel);
  v1::EraseCustomerRequest erase;
  erase.set_customer_id("C-1");
  v1::EraseCustomerResponse erased;
  grpc::ClientContext second;
  AsAgent(second, "call-2");
  ASSERT_EQ(Reason(customers->EraseCustomer(&second, erase, &erased)), "OK");
  ASSERT_EQ(Entries().size(), 4U);
  EXPECT_THAT(Entries()[3], AllOf(HasSubstr(R"("subject":"customer:)"), Not(HasSubstr("C-1"))));

  // What is refused is told, too: somebody tried.
  revoke.mutable_voucher()->set_code("0000-0000-0000-0000");
  grpc::ClientContext third;
  AsAgent(third, "call-3");
  EXPECT_FALSE(vouchers->RevokeVoucher(&third, revoke, &revoked).ok());
  ASSERT_EQ(Entries().size(), 6U);
  EXPECT_THAT(Entries()[5], HasSubstr(R"("result":"NOT_FOUND/)"));

  // To look is not to change.
  v1::GetCustomerRequest get;
  get.set_customer_id("C-1");
  v1::Customer customer;
  grpc::ClientContext fourth;
  AsAgent(fourth, "call-4");
  EXPECT_FALSE(customers->GetCustomer(&fourth, get, &customer).ok());
  ASSERT_EQ(Entries().size(), 6U);
  for (const std::string& line : Entries()) {
    for (const std::string& secret : {code, code.substr(0, 9), std::string("zoe@example.com"),
                                      std::string("eyJ"), std::string("parcel")}) {
      EXPECT_THAT(line, Not(HasSubstr(secret)));
    }
  }
}

// Whoever works with codes has one in the clipboard.
TEST_F(AuditTest, ACodePastedAsAnIdIsNotKept) {
  const std::string code = "ABCD-EFGH-JKMN-PQRS";
  const auto channel = Channel();
  {
    grpc::ClientContext context;
    AsAgent(context, "call");
    v1::ResendLetterRequest request;
    request.set_letter_id(code);
    v1::Letter letter;
    EXPECT_EQ(Reason(v1::LetterService::NewStub(channel)->ResendLetter(&context, request, &letter)),
              "NOT_FOUND/LETTER_NOT_FOUND");
  }
  const auto incidents = v1::IncidentService::NewStub(channel);
  {
    grpc::ClientContext context;
    AsAgent(context, "call");
    v1::WithdrawIncidentRequest request;
    request.set_incident_id(code);
    v1::WithdrawIncidentResponse answer;
    EXPECT_EQ(Reason(incidents->WithdrawIncident(&context, request, &answer)),
              "NOT_FOUND/DECISION_NOT_FOUND");
  }
  {
    grpc::ClientContext context;
    AsAgent(context, "call");
    v1::ReportIncidentRequest request;
    *request.mutable_incident() = LateDelivery(code, "C-unknown");
    v1::ReportIncidentResponse answer;
    EXPECT_EQ(Reason(incidents->ReportIncident(&context, request, &answer)),
              "FAILED_PRECONDITION/UNKNOWN_CUSTOMER");
  }
  {
    grpc::ClientContext context;
    AsOperator(context);
    v1::ReleaseBreakerRequest request;
    request.set_name(code);
    request.set_request_id("R-1");
    request.set_per_minute(60);
    v1::Breaker breaker;
    const auto breakers = v1::BreakerService::NewStub(channel);
    EXPECT_EQ(Reason(breakers->ReleaseBreaker(&context, request, &breaker)),
              "NOT_FOUND/BREAKER_NOT_FOUND");
  }
  EXPECT_EQ(Import({code, std::string(200, 'A')}), "OK") << "it answers message by message";
  ASSERT_EQ(Entries().size(), 10U);
  for (const std::string& line : Entries()) {
    EXPECT_THAT(line, Not(HasSubstr(R"("subject")")));
    EXPECT_THAT(line, Not(HasSubstr(code)));
  }
}

TEST_F(AuditTest, WhatAnAgentReportsAndWithdrawsIsNamed) {
  const auto erp = Channel("erp");
  ASSERT_EQ(Reason(Api(erp).Upsert(ACustomer()).status), "OK");
  const auto incidents = v1::IncidentService::NewStub(Channel());
  v1::ReportIncidentRequest report;
  *report.mutable_incident() = LateDelivery("I-1");
  v1::ReportIncidentResponse reported;
  grpc::ClientContext first;
  AsAgent(first, "call-1");
  ASSERT_EQ(Reason(incidents->ReportIncident(&first, report, &reported)), "OK");
  v1::WithdrawIncidentRequest withdraw;
  withdraw.set_incident_id("I-1");
  v1::WithdrawIncidentResponse withdrawn;
  grpc::ClientContext second;
  AsAgent(second, "call-2");
  ASSERT_EQ(Reason(incidents->WithdrawIncident(&second, withdraw, &withdrawn)), "OK");
  ASSERT_EQ(Entries().size(), 4U);
  EXPECT_THAT(Entries()[1], HasSubstr(R"("subject":"incident:I-1")"));
  EXPECT_THAT(Entries()[3], HasSubstr(R"("subject":"incident:I-1")"));
}

TEST_F(AuditTest, AnImportNamesThePoolsThatItWentInto) {
  ASSERT_EQ(Import({"summer", "winter", "summer", "NOT A POOL"}), "OK");
  ASSERT_EQ(Entries().size(), 2U);
  EXPECT_THAT(Entries()[1], HasSubstr(R"("subject":"pool:summer, pool:winter",)"));
  std::vector<std::string> pools;
  for (int i = 0; i < 18; ++i) {
    pools.push_back("p" + std::to_string(i));
  }
  ASSERT_EQ(Import(pools), "OK");
  ASSERT_EQ(Entries().size(), 4U);
  EXPECT_THAT(Entries()[3], HasSubstr(R"(pool:p14, pool:p15, and more",)"));
}

TEST_F(AuditTest, WhatCannotBeRecordedIsNotDone) {
  const auto erp = Channel("erp");
  Api program(erp);
  ASSERT_EQ(Reason(program.Upsert(ACustomer()).status), "OK");
  ASSERT_EQ(Reason(program.Report(LateDelivery("I-1")).status), "OK");
  // The file is gone, and its place is taken by what cannot be written.
  ASSERT_EQ(remove(files_.File("data/audit.log").c_str()), 0);
  ASSERT_EQ(symlink("/dev/full", files_.File("data/audit.log").c_str()), 0);
  v1::WithdrawIncidentRequest withdraw;
  withdraw.set_incident_id("I-1");
  v1::WithdrawIncidentResponse answer;
  grpc::ClientContext context;
  AsAgent(context, "call-1");
  EXPECT_EQ(Reason(v1::IncidentService::NewStub(Channel())->WithdrawIncident(&context, withdraw,
                                                                             &answer)),
            "UNAVAILABLE/AUDIT_LOG");
  EXPECT_EQ(program.GetDecision("I-1")->outcome(), v1::OUTCOME_GRANTED);
  EXPECT_FALSE(program.GetDecision("I-1")->has_withdrawn());
  // Programs are not held up.
  EXPECT_EQ(Reason(program.Report(LateDelivery("I-2")).status), "OK");
}

}  // namespace
}  // namespace kulanz::e2e
