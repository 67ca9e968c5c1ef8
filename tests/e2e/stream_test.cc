// StreamIncidents: answers that overtake each other, flow control, and every way for a stream to end.

#include <gmock/gmock.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <thread>

#include "service/adapters/grpc/incident_service.h"
#include "service/adapters/grpc/incident_stream.h"
#include "tests/e2e/api.h"
#include "tests/e2e/in_process.h"
#include "tests/support/eventually.h"

namespace kulanz::e2e {
namespace {

using kulanz::testing::Eventually;

v1::StreamIncidentsRequest Request(const std::string& id, const v1::Incident& incident) {
  v1::StreamIncidentsRequest request;
  request.set_request_id(id);
  *request.mutable_incident() = incident;
  return request;
}

class StreamTest : public ::testing::Test {
 protected:
  StreamTest() {
    for (const char* id : {"C-1", "C-2"}) {
      EXPECT_EQ(Reason(service_.api().Upsert(ACustomer(id)).status), "OK");
    }
  }
  std::unique_ptr<grpc::ClientReaderWriter<v1::StreamIncidentsRequest, v1::StreamIncidentsResponse>>
  Open(grpc::ClientContext& context) {
    return service_.api().incidents().StreamIncidents(&context);
  }
  InProcess service_;
};

TEST_F(StreamTest, EachRequestIsAnsweredUnderItsId) {
  grpc::ClientContext context;
  const auto stream = Open(context);
  ASSERT_TRUE(stream->Write(Request("a", LateDelivery("I-1"))));
  ASSERT_TRUE(stream->Write(Request("b", LateDelivery("I-2", "C-unknown"))));
  auto bad = LateDelivery("I-3");
  bad.set_customer_id("");
  ASSERT_TRUE(stream->Write(Request("c", bad)));
  ASSERT_TRUE(stream->WritesDone());
  std::map<std::string, v1::StreamIncidentsResponse> answers;
  v1::StreamIncidentsResponse response;
  while (stream->Read(&response)) {
    answers[response.request_id()] = response;
  }
  EXPECT_EQ(Reason(stream->Finish()), "OK");
  ASSERT_EQ(answers.size(), 3U);
  EXPECT_EQ(answers["a"].response().decision().outcome(), v1::OUTCOME_GRANTED);
  EXPECT_EQ(answers["b"].error().code(), grpc::FAILED_PRECONDITION);
  EXPECT_EQ(answers["c"].error().code(), grpc::INVALID_ARGUMENT);
}

TEST_F(StreamTest, AMessageWithoutAnIdIsAnsweredAsThat) {
  grpc::ClientContext context;
  const auto stream = Open(context);
  ASSERT_TRUE(stream->Write(Request("", LateDelivery("I-1"))));
  v1::StreamIncidentsResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.error().code(), grpc::INVALID_ARGUMENT);
  EXPECT_EQ(response.request_id(), "");
  stream->WritesDone();
  EXPECT_EQ(Reason(stream->Finish()), "OK");
  EXPECT_EQ(Reason(service_.api().GetDecision("I-1").status), "NOT_FOUND/DECISION_NOT_FOUND");
}

TEST_F(StreamTest, AnswersOvertakeOneThatTakesLong) {
  ASSERT_NE(service_.PartitionOf("C-1"), service_.PartitionOf("C-2"));
  grpc::ClientContext context;
  const auto stream = Open(context);
  service_.store().Hold(service_.PartitionOf("C-1"));
  ASSERT_TRUE(stream->Write(Request("slow", LateDelivery("I-1", "C-1"))));
  ASSERT_TRUE(Eventually([&] { return service_.store().waiting_reads() > 0; }));
  ASSERT_TRUE(stream->Write(Request("quick", LateDelivery("I-q2", "C-2"))));
  v1::StreamIncidentsResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.request_id(), "quick");
  service_.store().Release();
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.request_id(), "slow");
  stream->WritesDone();
  EXPECT_EQ(Reason(stream->Finish()), "OK");
}

TEST_F(StreamTest, TheServerTakesNoMoreThanItsLimitAtOnce) {
  grpc::ClientContext context;
  const auto stream = Open(context);
  service_.store().Hold(service_.PartitionOf("C-1"));
  constexpr std::size_t kSent = rpc::kStreamOutstandingMax + 72;
  std::atomic<std::size_t> written{0};
  std::thread writer([&] {
    for (std::size_t i = 0; i < kSent; ++i) {
      if (!stream->Write(Request(std::to_string(i), LateDelivery("I-" + std::to_string(i))))) {
        return;
      }
      ++written;
    }
    stream->WritesDone();
  });
  // Every incident taken waits at the store, with one call each.
  ASSERT_TRUE(
      Eventually([&] { return service_.store().waiting_reads() >= rpc::kStreamOutstandingMax; }));
  // It would have had time for more of them while it answers all these.
  const v1::Incident other = LateDelivery("I-other", "C-2");
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(Reason(service_.api().Report(other).status), "OK");
  }
  EXPECT_EQ(service_.store().waiting_reads(), rpc::kStreamOutstandingMax);
  service_.store().Release();
  std::set<std::string> answered;
  v1::StreamIncidentsResponse response;
  while (stream->Read(&response)) {
    EXPECT_TRUE(response.has_response());
    answered.insert(response.request_id());
  }
  writer.join();
  EXPECT_EQ(Reason(stream->Finish()), "OK");
  EXPECT_EQ(answered.size(), kSent);
}

TEST_F(StreamTest, AClientThatDoesNotReadHoldsUpNobodyElse) {
  grpc::ClientContext context;
  const auto stream = Open(context);
  const auto incident = LateDelivery("I-1");
  std::atomic<bool> stuck{true};
  std::thread writer([&] {
    // Far more than a receive window holds, which gRPC lets grow to some megabytes on a fast connection.
    for (int i = 0; i < 400'000; ++i) {
      if (!stream->Write(Request(std::to_string(i), incident))) {
        return;
      }
    }
    stuck = false;
  });
  // Others are served while this client's answers find no room.
  const auto other = LateDelivery("I-2", "C-2");
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(Reason(service_.api().Report(other).status), "OK");
  }
  EXPECT_TRUE(stuck) << "the server should have stopped taking what nobody reads the answers of";
  context.TryCancel();
  writer.join();
  EXPECT_EQ(stream->Finish().error_code(), grpc::CANCELLED);
  EXPECT_EQ(Reason(service_.api().Report(other).status), "OK");
}

TEST_F(StreamTest, AStreamCancelledInTheMiddleLeavesItsIncidentsDecided) {
  {
    grpc::ClientContext context;
    const auto stream = Open(context);
    service_.store().Hold(service_.PartitionOf("C-1"));
    ASSERT_TRUE(stream->Write(Request("a", LateDelivery("I-1"))));
    ASSERT_TRUE(Eventually([&] { return service_.store().waiting_reads() > 0; }));
    context.TryCancel();
    EXPECT_EQ(stream->Finish().error_code(), grpc::CANCELLED);
  }
  service_.store().Release();
  EXPECT_TRUE(Eventually([&] { return service_.api().GetDecision("I-1").ok(); }));
}

TEST_F(StreamTest, AStoppingServerAnswersWhatItTookAndEndsTheStream) {
  grpc::ClientContext context;
  const auto stream = Open(context);
  service_.store().Hold(service_.PartitionOf("C-1"));
  ASSERT_TRUE(stream->Write(Request("a", LateDelivery("I-1"))));
  ASSERT_TRUE(Eventually([&] { return service_.store().waiting_reads() > 0; }));
  std::thread stopper([&] { service_.server().Stop(std::chrono::seconds{20}); });
  EXPECT_TRUE(Eventually([&] {
    Api newcomer(service_.NewChannel());
    return newcomer.GetDecision("I-0").status.error_code() == grpc::UNAVAILABLE;
  })) << "a server that stops takes nobody new";
  service_.store().Release();
  v1::StreamIncidentsResponse response;
  EXPECT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.response().decision().outcome(), v1::OUTCOME_GRANTED);
  EXPECT_FALSE(stream->Read(&response));
  const grpc::Status status = stream->Finish();
  EXPECT_EQ(Reason(status), "UNAVAILABLE/SERVER_STOPPING");
  EXPECT_TRUE(HasRetryInfo(status));
  stopper.join();
}

// Something else that happens while it is found out who calls.
class Meanwhile final : public rpc::Identification {
 public:
  Result<app::Caller> Identify(const rpc::Credentials& /*shown*/,
                               app::Caller caller) const override {
    if (happens) {
      happens();
    }
    caller.roles = app::RoleSet::All();
    return caller;
  }
  std::function<void()> happens;
};

// The service of incidents alone, so that a test can end its streams and count its calls.
class OpeningStreamTest : public ::testing::Test {
 protected:
  OpeningStreamTest() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&incidents_);
    server_ = builder.BuildAndStart();
  }
  std::string OpenAndFinish() {
    Api api(server_->InProcessChannel({}));
    grpc::ClientContext context;
    const auto stream = api.incidents().StreamIncidents(&context);
    v1::StreamIncidentsResponse response;
    EXPECT_FALSE(stream->Read(&response));
    return Reason(stream->Finish());
  }
  InProcess service_;
  ports::NullTelemetry telemetry_;
  Meanwhile meanwhile_;
  rpc::CallPipeline pipeline_{{.identification = &meanwhile_}, telemetry_};
  rpc::IncidentService incidents_{service_.use_cases(), pipeline_};
  std::unique_ptr<grpc::Server> server_;
};

TEST_F(OpeningStreamTest, AStreamThatOpensWhileAllEndLeavesNoCallRunning) {
  meanwhile_.happens = [this] { incidents_.EndStreams(); };
  EXPECT_EQ(OpenAndFinish(), "UNAVAILABLE/SERVER_STOPPING");
  EXPECT_EQ(pipeline_.running().count(), 0U);
}

TEST_F(OpeningStreamTest, StreamsThatOpenWhileAllEndOnAnotherThreadLeaveNoCallRunning) {
  std::atomic<int> opened{0};
  meanwhile_.happens = [&] { ++opened; };
  constexpr int kClients = 8;
  std::vector<std::thread> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back([this] { EXPECT_EQ(OpenAndFinish(), "UNAVAILABLE/SERVER_STOPPING"); });
  }
  EXPECT_TRUE(Eventually([&] { return opened > kClients / 2; }));
  incidents_.EndStreams();
  for (std::thread& client : clients) {
    client.join();
  }
  EXPECT_EQ(pipeline_.running().count(), 0U);
}

TEST_F(OpeningStreamTest, AStreamThatOpensAfterAllHaveEndedEndsAtOnce) {
  incidents_.EndStreams();
  EXPECT_EQ(OpenAndFinish(), "UNAVAILABLE/SERVER_STOPPING");
  EXPECT_EQ(pipeline_.running().count(), 0U);
}

TEST_F(StreamTest, AnEmptyStreamEndsWell) {
  grpc::ClientContext context;
  const auto stream = Open(context);
  stream->WritesDone();
  EXPECT_EQ(Reason(stream->Finish()), "OK");
}

TEST_F(StreamTest, ManyStreamsAtOnceEachGetAllTheirAnswers) {
  std::vector<std::thread> clients;
  std::atomic<int> answers{0};
  for (int c = 0; c < 8; ++c) {
    clients.emplace_back([&, c] {
      grpc::ClientContext context;
      Api api(service_.NewChannel());
      const auto stream = api.incidents().StreamIncidents(&context);
      std::thread reader([&] {
        v1::StreamIncidentsResponse response;
        while (stream->Read(&response)) {
          answers += response.has_response() ? 1 : 0;
        }
      });
      for (int i = 0; i < 300; ++i) {
        const std::string id = std::to_string(c) + "-" + std::to_string(i);
        stream->Write(Request(id, LateDelivery("I-" + id, i % 2 == 0 ? "C-1" : "C-2")));
      }
      stream->WritesDone();
      reader.join();
      EXPECT_EQ(Reason(stream->Finish()), "OK");
    });
  }
  for (std::thread& client : clients) {
    client.join();
  }
  EXPECT_EQ(answers, 8 * 300);
}

}  // namespace
}  // namespace kulanz::e2e
