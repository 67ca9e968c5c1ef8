// Imports whose client has not ended them when the server ends: neither holds up the other, and what was taken stays.
#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "kulanz/v1/pool_service.grpc.pb.h"
#include "tests/e2e/api.h"
#include "tests/e2e/in_process.h"
#include "tests/e2e/pool_client.h"
#include "tests/e2e/programs.h"
#include "tests/support/eventually.h"

namespace kulanz::e2e {
namespace {

using kulanz::testing::Eventually;
using ::testing::HasSubstr;

// Far above what anything here takes on a slow machine, so that whoever uses it up is noticed.
constexpr std::chrono::seconds kImportGrace{60};

std::string CustomerNumber(int number) { return "C-" + std::to_string(number); }

// An open call of ImportCustomers.
class CustomerImport {
 public:
  explicit CustomerImport(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(v1::CustomerService::NewStub(channel)),
        stream_(stub_->ImportCustomers(&context_, &response_)) {}

  bool Send(int number) {
    v1::ImportCustomersRequest request;
    *request.mutable_customer() = ACustomer(CustomerNumber(number));
    return stream_->Write(request);
  }
  bool EndSending() { return stream_->WritesDone(); }
  grpc::Status Finish() { return stream_->Finish(); }
  const v1::ImportCustomersResponse& response() const { return response_; }

 private:
  std::unique_ptr<v1::CustomerService::Stub> stub_;
  grpc::ClientContext context_;
  v1::ImportCustomersResponse response_;
  std::unique_ptr<grpc::ClientWriter<v1::ImportCustomersRequest>> stream_;
};

class ImportEndTest : public ::testing::Test {
 protected:
  std::unique_ptr<ServerProcess> Start() {
    auto arguments = store_.ServerArguments(false);
    arguments.insert(arguments.end(), {"--drain-wait", "0ms", "--grace",
                                       std::to_string(kImportGrace.count()) + "s"});
    auto server = std::make_unique<ServerProcess>(arguments);
    EXPECT_TRUE(server->AwaitServing());
    return server;
  }
  // Ends in order, without the time that calls are given.
  static void EndsSoon(ServerProcess& server) {
    const auto begin = std::chrono::steady_clock::now();
    server.Signal(SIGTERM);
    EXPECT_EQ(server.AwaitExit(kImportGrace), 0) << server.log();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, kImportGrace / 2);
    EXPECT_THAT(server.log(), HasSubstr("stopped in order"));
  }
  bool Knows(ServerProcess& server, int number) {
    return server.api().GetCustomer(CustomerNumber(number)).ok();
  }

  SharedStore store_;
};

TEST_F(ImportEndTest, OpenImportsThatSayNothingHoldUpNobody) {
  constexpr int kSent = 20;
  const auto stays = Start();
  const auto goes = Start();
  CustomerImport customers(goes->NewChannel());
  for (int number = 0; number < kSent; ++number) {
    ASSERT_TRUE(customers.Send(number));
  }
  const auto pools = v1::PoolService::NewStub(goes->NewChannel());
  grpc::ClientContext context;
  v1::ImportPoolCodesResponse imported;
  const auto codes = pools->ImportPoolCodes(&context, &imported);
  v1::ImportPoolCodesRequest request;
  request.set_pool("visits");
  for (const std::string& code : PoolCodes(kSent)) {
    request.add_codes(code);
  }
  ASSERT_TRUE(codes->Write(request));
  PoolClient others(stays->NewChannel());
  ASSERT_TRUE(Eventually([&] { return Knows(*stays, kSent - 1); }));
  ASSERT_TRUE(Eventually([&] { return others.Get("visits")->imported() == kSent; }));

  EndsSoon(*goes);
  for (const grpc::Status& status : {customers.Finish(), codes->Finish()}) {
    EXPECT_EQ(Reason(status), "UNAVAILABLE/SERVER_STOPPING");
    EXPECT_TRUE(HasRetryInfo(status));
    EXPECT_THAT(status.error_message(), HasSubstr("import all of it again"));
  }
  // What both are told to do is right.
  CustomerImport again(stays->NewChannel());
  for (int number = 0; number < kSent + 1; ++number) {
    ASSERT_TRUE(again.Send(number));
  }
  ASSERT_TRUE(again.EndSending());
  EXPECT_EQ(Reason(again.Finish()), "OK");
  EXPECT_EQ(again.response().updated(), kSent);
  EXPECT_EQ(again.response().created(), 1);
  EXPECT_EQ(others.Import("visits", {PoolCodes(kSent)})->already_known(), kSent);
}

TEST_F(ImportEndTest, WhatAnImportIsToldToBeTakenIsThere) {
  // Within the first window of flow control. A client that went on sending might hear of the broken connection first:
  // gRPC's synchronous one reads what it is told only when it waits.
  constexpr int kSent = 400;
  const auto stays = Start();
  const auto goes = Start();
  CustomerImport customers(goes->NewChannel());
  for (int number = 0; number < kSent; ++number) {
    ASSERT_TRUE(customers.Send(number));
  }
  EXPECT_TRUE(Eventually([&] { return Knows(*stays, 10); }));
  EndsSoon(*goes);
  const grpc::Status status = customers.Finish();
  ASSERT_EQ(Reason(status), "UNAVAILABLE/SERVER_STOPPING") << status.error_message();
  const int taken = std::stoi(Metadata(status, "messagesTaken"));
  EXPECT_GT(taken, 10);
  EXPECT_LE(taken, kSent);
  for (int number = 0; number < taken; ++number) {
    ASSERT_TRUE(Knows(*stays, number)) << number << " of " << taken;
  }
  EXPECT_FALSE(Knows(*stays, taken)) << "nothing was done of which nobody is told";
}

// A server that ends while imports begin, go on and end: each gets one answer, and the server ends.
TEST(ImportEndInProcessTest, EveryImportIsAnsweredWhileTheServerEnds) {
  constexpr int kRounds = 5;
  constexpr int kClients = 6;
  for (int round = 0; round < kRounds; ++round) {
    InProcess service;
    std::atomic<int> done{0};
    std::atomic<int> stopped{0};
    std::vector<std::thread> clients;
    for (int client = 0; client < kClients; ++client) {
      clients.emplace_back([&, client, channel = service.NewChannel()] {
        grpc::Status status;
        while (status.ok()) {  // Some send all, some say nothing at the end.
          CustomerImport customers(channel);
          for (int number = 0; number <= client; ++number) {
            customers.Send(kClients * number + client);
          }
          if (client % 3 != 0) {
            customers.EndSending();
          }
          status = customers.Finish();
          EXPECT_TRUE(!status.ok() ||
                      customers.response().updated() + customers.response().created() ==
                          client + 1);
          done += status.ok() ? 1 : 0;
        }
        stopped += Reason(status) == "UNAVAILABLE/SERVER_STOPPING" ? 1 : 0;
        EXPECT_THAT(status.error_code(), ::testing::AnyOf(grpc::UNAVAILABLE, grpc::CANCELLED))
            << Reason(status) << ": " << status.error_message();
      });
    }
    EXPECT_TRUE(Eventually([&] {
      return done >= 20 * (round + 1) && service.api().GetCustomer(CustomerNumber(0)).ok() &&
             service.api().GetCustomer(CustomerNumber(3)).ok();
    }));
    const auto begin = std::chrono::steady_clock::now();
    service.server().Stop(kImportGrace);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, kImportGrace / 2);
    for (std::thread& client : clients) {
      client.join();
    }
    EXPECT_GE(stopped, 2) << "the first and the fourth were open and said nothing";
  }
}

}  // namespace
}  // namespace kulanz::e2e
