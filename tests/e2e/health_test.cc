// Health and reflection, as probes, load balancers and tools see them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "tests/e2e/api.h"
#include "tests/e2e/in_process.h"

namespace kulanz::e2e {
namespace {

using Health = grpc::health::v1::HealthCheckResponse;

TEST(HealthTest, EveryServiceFollowsTheStoreAndThePoliciesAndLivenessDoesNot) {
  InProcess service;
  for (const char* name : {"", "readiness", "kulanz.v1.IncidentService",
                           "kulanz.v1.CustomerService", "kulanz.v1.VoucherService"}) {
    EXPECT_EQ(service.api().Health(name)->status(), Health::SERVING) << name;
    service.store().SetAway(true);
    EXPECT_EQ(service.api().Health(name)->status(), Health::NOT_SERVING) << name;
    EXPECT_EQ(service.api().Health("liveness")->status(), Health::SERVING);
    service.store().SetAway(false);
  }
  const auto policies = service.policies().Current();
  service.policies().Replace(nullptr);
  EXPECT_EQ(service.api().Health("")->status(), Health::NOT_SERVING);
  service.policies().Replace(policies);
  EXPECT_EQ(service.api().Health("no.such.Service").status.error_code(), grpc::NOT_FOUND);
}

TEST(HealthTest, WatchersAreToldOfChangesUntilTheServerEnds) {
  InProcess service;
  grpc::ClientContext context;
  const auto watch = service.api().health().Watch(&context, {});
  Health answer;
  ASSERT_TRUE(watch->Read(&answer));
  EXPECT_EQ(answer.status(), Health::SERVING);
  service.store().SetAway(true);
  service.server().RefreshHealth();
  ASSERT_TRUE(watch->Read(&answer));
  EXPECT_EQ(answer.status(), Health::NOT_SERVING);
  service.store().SetAway(false);
  service.server().RefreshHealth();
  service.server().RefreshHealth();  // Nothing new: nothing is sent.
  ASSERT_TRUE(watch->Read(&answer));
  EXPECT_EQ(answer.status(), Health::SERVING);
  service.server().StopServing();
  ASSERT_TRUE(watch->Read(&answer));
  EXPECT_EQ(answer.status(), Health::NOT_SERVING);
  std::thread stopper([&] { service.server().Stop(std::chrono::seconds{10}); });
  EXPECT_FALSE(watch->Read(&answer));
  EXPECT_EQ(watch->Finish().error_code(), grpc::CANCELLED);
  stopper.join();
}

TEST(HealthTest, AWatchOfAnUnknownServiceStaysOpen) {
  InProcess service;
  grpc::ClientContext context;
  grpc::health::v1::HealthCheckRequest request;
  request.set_service("no.such.Service");
  const auto watch = service.api().health().Watch(&context, request);
  Health answer;
  ASSERT_TRUE(watch->Read(&answer));
  EXPECT_EQ(answer.status(), Health::SERVICE_UNKNOWN);
  context.TryCancel();
  EXPECT_EQ(watch->Finish().error_code(), grpc::CANCELLED);
}

}  // namespace
}  // namespace kulanz::e2e
