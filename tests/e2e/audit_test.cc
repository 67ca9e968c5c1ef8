// The audit log of a real server: who changed what, and nothing that is a secret or personal.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <vector>

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
  Claims support_;
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
