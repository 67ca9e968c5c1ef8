// What every call of every service passes, over a real server: its table, its steps and their order.

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"
#include "service/adapters/grpc/call_steps.h"
#include "tests/e2e/any_call.h"
#include "tests/e2e/api.h"
#include "tests/e2e/in_process.h"
#include "tests/support/eventually.h"

namespace kulanz::e2e {
namespace {

using app::Role;
using kulanz::testing::Eventually;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string PathOf(const rpc::MethodRow& row) {
  return "/" + std::string(row.service) + "/" + std::string(row.name);
}

// Every method of every service that the server says it has.
std::set<std::string> MethodsOf(InProcess& service) {
  namespace reflection = grpc::reflection::v1alpha;
  const auto stub = reflection::ServerReflection::NewStub(service.NewChannel());
  grpc::ClientContext context;
  const auto stream = stub->ServerReflectionInfo(&context);
  reflection::ServerReflectionRequest request;
  request.set_list_services("");
  reflection::ServerReflectionResponse response;
  EXPECT_TRUE(stream->Write(request) && stream->Read(&response));
  std::set<std::string> methods;
  for (const auto& listed : response.list_services_response().service()) {
    const auto* const described =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(listed.name());
    if (described == nullptr) {
      ADD_FAILURE() << listed.name() << " is not compiled in";
      continue;
    }
    for (int i = 0; i < described->method_count(); ++i) {
      methods.insert("/" + listed.name() + "/" + described->method(i)->name());
    }
  }
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
  return methods;
}

TEST(MethodTableTest, HasExactlyOneRowForEachMethodOfARunningServer) {
  InProcess service;
  std::multiset<std::string> rows;
  for (const rpc::MethodRow& row : rpc::MethodTable()) {
    rows.insert(PathOf(row));
  }
  const std::set<std::string> methods = MethodsOf(service);
  EXPECT_GE(methods.size(), 27U);
  EXPECT_EQ(rows, std::multiset<std::string>(methods.begin(), methods.end()))
      << "give each method its row in service/adapters/grpc/method_table.cc";
}

TEST(MethodTableTest, WhatIsInNoRowNobodyMayCall) {
  const rpc::MethodRow& row = rpc::FindMethod("kulanz.v1.IncidentService", "DropEverything");
  EXPECT_TRUE(row.roles.empty());
  EXPECT_FALSE(row.anybody);
}

// A caller with the one role that stands in place of its token.
class NamedRole final : public rpc::Identification {
 public:
  Result<app::Caller> Identify(const rpc::Credentials& shown, app::Caller caller) const override {
    if (shown.authorization.empty()) {
      return Status(Code::kUnauthenticated, "NO_CREDENTIALS", "say who you are");
    }
    caller.authenticated = true;
    caller.id = "test:" + shown.authorization.front();
    if (const auto role = app::RoleFrom(shown.authorization.front())) {
      caller.roles.Add(*role);
    }
    return caller;
  }
};

// Written down a second time, as the operator's documentation has it: R reporter, D redeemer, A agent, U author,
// O operator, M admin.
const std::map<std::string, std::string> kMayCall = {
    {"IncidentService/ReportIncident", "RAM"},
    {"IncidentService/StreamIncidents", "RM"},
    {"IncidentService/EvaluateIncident", "RAUM"},
    {"IncidentService/WithdrawIncident", "RAM"},
    {"IncidentService/GetDecision", "RAUOM"},
    {"IncidentService/ListDecisions", "AM"},
    {"CustomerService/UpsertCustomer", "RAM"},
    {"CustomerService/ImportCustomers", "ROM"},
    {"CustomerService/GetCustomer", "AM"},
    {"CustomerService/EraseCustomer", "AM"},
    {"VoucherService/GetVoucher", "DAM"},
    {"VoucherService/ListVouchers", "AM"},
    {"VoucherService/ValidateVoucher", "DAM"},
    {"VoucherService/ReserveVoucher", "DM"},
    {"VoucherService/RedeemVoucher", "DM"},
    {"VoucherService/ReleaseReservation", "DAM"},
    {"VoucherService/ReverseRedemption", "DAM"},
    {"VoucherService/RevokeVoucher", "AM"},
    {"VoucherService/ReissueVoucher", "AM"},
    {"LetterService/ListDeadLetters", "AOM"},
    {"LetterService/GetLetter", "AOM"},
    {"LetterService/ResendLetter", "AOM"},
    {"EventService/ListDeadEvents", "OM"},
    {"EventService/ResendEvents", "OM"},
    {"PoolService/ImportPoolCodes", "OM"},
    {"PoolService/GetPool", "UOM"},
    {"BreakerService/ListBreakers", "UOM"},
    {"BreakerService/GetBreaker", "UOM"},
    {"BreakerService/ReleaseBreaker", "OM"},
    {"BreakerService/DismissHeld", "OM"},
    {"Health/Check", "RDAUOM-"},
    {"Health/Watch", "RDAUOM-"},
    {"ServerReflection/ServerReflectionInfo", "RDAUOM"},
};
constexpr std::string_view kLetters = "RDAUOM";

TEST(AuthorisationTest, EveryRoleMayCallWhatItsRowSaysAndNothingElse) {
  const NamedRole named_role;
  InProcess service("rules", {.identification = &named_role});
  const auto channel = service.NewChannel();
  int refused = 0;
  for (const rpc::MethodRow& row : rpc::MethodTable()) {
    const std::string path = PathOf(row);
    const std::string tail = path.substr(path.rfind('.') + 1);
    ASSERT_TRUE(kMayCall.contains(tail)) << tail << ": say here who may call it";
    const std::string& allowed = kMayCall.at(tail);
    for (std::size_t i = 0; i < app::kRoleNames.size(); ++i) {
      grpc::ClientContext context;
      context.AddMetadata("authorization", std::string(app::kRoleNames.at(i)));
      const grpc::Status status = CallAnything(channel, path, context);
      const bool denied = status.error_code() == grpc::PERMISSION_DENIED;
      EXPECT_EQ(!denied, allowed.find(kLetters[i]) != std::string::npos)
          << app::kRoleNames.at(i) << " calls " << path << ": " << Reason(status);
      if (denied) {
        ++refused;
        EXPECT_EQ(ReasonOf(status), "ROLE_MISSING");
        EXPECT_EQ(Metadata(status, "callerRoles"), app::kRoleNames.at(i));
        EXPECT_THAT(Metadata(status, "rolesNeeded"), HasSubstr("admin"));
      } else {
        EXPECT_NE(status.error_code(), grpc::UNAUTHENTICATED) << path;
        EXPECT_NE(status.error_code(), grpc::UNIMPLEMENTED) << path;
      }
    }
    grpc::ClientContext nobody;
    const grpc::Status status = CallAnything(channel, path, nobody);
    EXPECT_EQ(status.error_code() == grpc::UNAUTHENTICATED, allowed.find('-') == std::string::npos)
        << path;
    grpc::ClientContext without_role;
    without_role.AddMetadata("authorization", "none");
    EXPECT_EQ(CallAnything(channel, path, without_role).error_code() == grpc::PERMISSION_DENIED,
              allowed.find('-') == std::string::npos)
        << path;
  }
  EXPECT_GT(refused, 60);
}

// Notes what it is asked, and refuses what it is told to.
class Doorman final : public rpc::Admission, public rpc::CallObserver {
 public:
  Status Enter(rpc::Call& call) override {
    Note("enter " + std::string(call.method.name) + (call.caller.authenticated ? " known" : ""));
    return refuse_all ? Busy() : Status::Ok();
  }
  Status EnterIdentified(rpc::Call& call) override {
    Note("identified " + call.caller.id);
    return refuse_identified ? Busy() : Status::Ok();
  }
  void Leave(rpc::Call& /*call*/, const Status& status) override {
    Note("leave " + std::string(CodeName(status.code())));
  }
  Status EnterMessage(rpc::Call& /*call*/) override {
    Note("message");
    return refuse_messages ? Busy() : Status::Ok();
  }
  void LeaveMessage(rpc::Call& /*call*/, const Status& status, Deadline /*start*/) override {
    Note("message " + std::string(CodeName(status.code())));
  }
  void Finished(const rpc::Call& call, const Status& status, ports::Telemetry::Seconds) override {
    Note("told " + std::string(CodeName(status.code())) + " " + call.request_id);
  }

  std::vector<std::string> Take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(notes_, {});
  }
  std::size_t Count(const std::string& note) {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::count(notes_.begin(), notes_.end(), note));
  }

  bool refuse_all = false;
  bool refuse_identified = false;
  bool refuse_messages = false;

 private:
  static Status Busy() {
    return Status(Code::kResourceExhausted, "BUSY", "come again")
        .WithRetryAfter(std::chrono::milliseconds{70});
  }
  void Note(std::string note) {
    const std::lock_guard lock(mutex_);
    notes_.push_back(std::move(note));
  }
  std::mutex mutex_;
  std::vector<std::string> notes_;
};

class StepsTest : public ::testing::Test {
 protected:
  grpc::Status Call(const std::string& path, const std::string& role) {
    grpc::ClientContext context;
    context.AddMetadata("authorization", role);
    context.AddMetadata("x-request-id", "call-1");
    const grpc::Status status = CallAnything(channel_, path, context);
    const auto& trailers = context.GetServerTrailingMetadata();
    const auto found = trailers.find("x-request-id");
    trailer_ =
        found == trailers.end() ? "" : std::string(found->second.data(), found->second.size());
    return status;
  }

  Doorman doorman_;
  NamedRole named_role_;
  InProcess service_{
      "rules", {.admission = &doorman_, .identification = &named_role_, .observers = {&doorman_}}};
  std::shared_ptr<grpc::Channel> channel_ = service_.NewChannel();
  std::string trailer_;
};

TEST_F(StepsTest, AUnaryCallPassesThemInTheirOrder) {
  EXPECT_EQ(Call("/kulanz.v1.IncidentService/ReportIncident", "reporter").error_code(),
            grpc::INVALID_ARGUMENT);
  EXPECT_THAT(doorman_.Take(),
              ElementsAre("enter ReportIncident", "identified test:reporter",
                          "leave INVALID_ARGUMENT", "told INVALID_ARGUMENT call-1"));
  EXPECT_EQ(trailer_, "call-1") << "an error names the request for whoever asks about it";
}

TEST_F(StepsTest, WhoIsNotAdmittedIsNotAskedWhoTheyAre) {
  doorman_.refuse_all = true;
  const grpc::Status status = Call("/kulanz.v1.IncidentService/ReportIncident", "reporter");
  EXPECT_EQ(Reason(status), "RESOURCE_EXHAUSTED/BUSY");
  EXPECT_TRUE(HasRetryInfo(status));
  EXPECT_THAT(doorman_.Take(),
              ElementsAre("enter ReportIncident", "told RESOURCE_EXHAUSTED call-1"));
}

TEST_F(StepsTest, WhoIsAdmittedLeavesHoweverTheCallEnds) {
  EXPECT_EQ(Call("/kulanz.v1.VoucherService/RevokeVoucher", "reporter").error_code(),
            grpc::PERMISSION_DENIED);
  EXPECT_THAT(doorman_.Take(), ElementsAre("enter RevokeVoucher", "leave PERMISSION_DENIED",
                                           "told PERMISSION_DENIED call-1"));
  doorman_.refuse_identified = true;
  EXPECT_EQ(Reason(Call("/kulanz.v1.VoucherService/RevokeVoucher", "agent")),
            "RESOURCE_EXHAUSTED/BUSY");
  EXPECT_THAT(doorman_.Take(),
              ElementsAre("enter RevokeVoucher", "identified test:agent",
                          "leave RESOURCE_EXHAUSTED", "told RESOURCE_EXHAUSTED call-1"));
}

TEST_F(StepsTest, AStreamPassesThemOnceAndAsksForEachMessage) {
  grpc::ClientContext context;
  context.AddMetadata("authorization", "reporter");
  context.AddMetadata("x-request-id", "stream-1");
  const auto stub = v1::IncidentService::NewStub(channel_);
  const auto stream = stub->StreamIncidents(&context);
  v1::StreamIncidentsRequest request;
  request.set_request_id("a");
  *request.mutable_incident() = LateDelivery("I-1", "C-unknown");
  v1::StreamIncidentsResponse response;
  ASSERT_TRUE(stream->Write(request) && stream->Read(&response));
  EXPECT_EQ(response.error().code(), grpc::FAILED_PRECONDITION);
  EXPECT_THAT(doorman_.Take(),
              ElementsAre("enter StreamIncidents", "identified test:reporter", "message",
                          "message FAILED_PRECONDITION", "told FAILED_PRECONDITION stream-1"));
  doorman_.refuse_messages = true;
  ASSERT_TRUE(stream->Write(request) && stream->Read(&response));
  EXPECT_EQ(response.request_id(), "a");
  EXPECT_EQ(response.error().code(), grpc::RESOURCE_EXHAUSTED);
  EXPECT_THAT(doorman_.Take(), ElementsAre("message", "told RESOURCE_EXHAUSTED stream-1"));
  stream->WritesDone();
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(Reason(stream->Finish()), "OK") << "a refused message does not end a stream";
  EXPECT_THAT(doorman_.Take(), ElementsAre("leave OK"));
}

TEST_F(StepsTest, AnImportAsksForEachMessageAndEndsWhereOneIsRefused) {
  EXPECT_TRUE(Call("/kulanz.v1.CustomerService/ImportCustomers", "operator").ok());
  EXPECT_THAT(doorman_.Take(),
              ElementsAre("enter ImportCustomers", "identified test:operator", "message",
                          "message INVALID_ARGUMENT", "leave OK", "told OK call-1"));
  doorman_.refuse_messages = true;
  EXPECT_EQ(Reason(Call("/kulanz.v1.CustomerService/ImportCustomers", "operator")),
            "RESOURCE_EXHAUSTED/BUSY");
  EXPECT_THAT(doorman_.Take(),
              ElementsAre("enter ImportCustomers", "identified test:operator", "message",
                          "leave RESOURCE_EXHAUSTED", "told RESOURCE_EXHAUSTED call-1"));
}

TEST_F(StepsTest, OfEveryMethodEachEntryHasItsLeave) {
  std::size_t calls = 0;
  for (const rpc::MethodRow& row : rpc::MethodTable()) {
    for (const char* role : {"admin", "nobody"}) {
      Call(PathOf(row), role);
      ++calls;
    }
  }
  EXPECT_TRUE(Eventually([&] {
    std::size_t left = 0;
    for (const char* code : {"OK", "INVALID_ARGUMENT", "PERMISSION_DENIED", "NOT_FOUND"}) {
      left += doorman_.Count(std::string("leave ") + code);
    }
    return left == calls;
  })) << ::testing::PrintToString(doorman_.Take());
}

TEST_F(StepsTest, ARequestIdThatIsNoneIsReplacedByOneOfOurs) {
  for (const std::string& id : {std::string("with space"), std::string(129, 'x'), std::string()}) {
    grpc::ClientContext context;
    context.AddMetadata("authorization", "agent");
    context.AddMetadata("x-request-id", id);
    CallAnything(channel_, "/kulanz.v1.VoucherService/RevokeVoucher", context);
    const std::vector<std::string> notes = doorman_.Take();
    ASSERT_FALSE(notes.empty());
    const std::string given = notes.back().substr(notes.back().rfind(' ') + 1);
    EXPECT_EQ(given.size(), 32U) << given;
  }
}

}  // namespace
}  // namespace kulanz::e2e
