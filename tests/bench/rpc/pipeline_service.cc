#include "tests/bench/rpc/pipeline_service.h"

#include <cstring>
#include <random>
#include <utility>

#include "kulanz/v1/incident_service.pb.h"
#include "service/adapters/grpc/errors.h"
#include "service/adapters/grpc/wire.h"
#include "tests/bench/rpc/requests.h"

namespace kulanz::bench {
namespace {

// Bytes of the records of a granted late delivery, as the service writes them.
constexpr std::size_t kClaimBytes = 78;
constexpr std::size_t kDecisionBytes = 300;
constexpr std::size_t kVoucherBytes = 45;
constexpr std::size_t kHistoryBytes = 110;

// Different in each run, so that a second run meets a store without its keys.
std::uint64_t RunSalt() {
  static const std::uint64_t salt = std::random_device{}();
  return salt;
}

std::uint64_t Scramble(std::uint64_t number) {
  number += RunSalt() * 0x9e3779b97f4a7c15U;
  number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9U;
  number = (number ^ (number >> 27)) * 0x94d049bb133111ebU;
  return number ^ (number >> 31);
}

std::atomic<std::uint64_t> next_incident{0};

Status Done(const Result<ports::CommitOutcome>& outcome) {
  if (!outcome.ok()) {
    return outcome.status();
  }
  return std::holds_alternative<ports::Committed>(*outcome)
             ? Status::Ok()
             : Status(Code::kInternal, "CONFLICT", "the keys of a pipeline are its own");
}

Task<Status> Commit(ports::Store& store, ports::Transaction transaction, Deadline deadline) {
  co_return Done(co_await store.Commit(std::move(transaction), deadline));
}

Task<Status> Read(ports::Store& store, std::vector<ports::Key> keys, Deadline deadline) {
  auto records = co_await store.Read(std::move(keys), deadline);
  co_return records.status();
}

}  // namespace

ports::Key StoreTrips::KeyOf(ports::RecordKind kind, std::uint64_t number) const {
  const std::uint64_t scrambled = Scramble(number);
  ports::Key key{{static_cast<std::uint16_t>(scrambled % store_.partition_count())}, kind, {}};
  std::memcpy(key.hash.data(), &scrambled, sizeof scrambled);
  return key;
}

Task<Status> StoreTrips::ClaimAndRead(std::uint64_t number, Deadline deadline) {
  const ports::Key claim = KeyOf(ports::RecordKind::kClaim, ~number);
  ports::Transaction transaction;
  transaction.partition = claim.partition;
  transaction.checks.emplace_back(ports::CheckVersion{claim, 0});
  transaction.writes.emplace_back(ports::Put{claim, std::string(kClaimBytes, 'c'), std::nullopt});
  std::vector<ports::Key> keys = {KeyOf(ports::RecordKind::kDecision, number),
                                  KeyOf(ports::RecordKind::kProfile, number),
                                  KeyOf(ports::RecordKind::kHistory, number)};
  auto [claimed, read] = co_await WhenAll(Commit(store_, std::move(transaction), deadline),
                                          Read(store_, std::move(keys), deadline));
  co_return claimed.ok() ? read : claimed;
}

Task<Status> StoreTrips::Record(std::uint64_t number, Deadline deadline) {
  const ports::Key decision = KeyOf(ports::RecordKind::kDecision, number);
  const ports::Key history = KeyOf(ports::RecordKind::kHistory, number);
  const ports::Key voucher = KeyOf(ports::RecordKind::kVoucher, number);
  ports::Transaction transaction;
  transaction.partition = decision.partition;
  transaction.checks.emplace_back(ports::CheckVersion{decision, 0});
  transaction.checks.emplace_back(ports::CheckVersion{history, 0});
  transaction.checks.emplace_back(ports::CheckVersion{voucher, 0});
  transaction.writes.emplace_back(
      ports::Put{decision, std::string(kDecisionBytes, 'd'), std::nullopt});
  transaction.writes.emplace_back(
      ports::Put{voucher, std::string(kVoucherBytes, 'v'), std::nullopt});
  transaction.writes.emplace_back(
      ports::Put{history, std::string(kHistoryBytes, 'h'), std::nullopt});
  const std::string member(16, 'm');
  transaction.writes.emplace_back(ports::IndexPut{KeyOf(ports::RecordKind::kDecisionIndex, number),
                                                  {member, 1'780'000'000'000}});
  ports::Key agenda = decision;
  agenda.kind = ports::RecordKind::kAgenda;
  agenda.hash = {};
  const auto due = static_cast<std::int64_t>(number);
  transaction.writes.emplace_back(
      ports::IndexPut{agenda, {"D" + std::to_string(Scramble(number)), due}});
  ports::Key lease = decision;
  lease.kind = ports::RecordKind::kLeaseCounter;
  lease.hash = {};
  transaction.writes.emplace_back(ports::AddToCounter{lease, 1000, std::nullopt});
  co_return Done(co_await store_.Commit(std::move(transaction), deadline));
}

PipelineIncidentService::PipelineIncidentService(ports::Store& store)
    : store_(store), granted_(GrantedResponse()) {}

grpc::ServerUnaryReactor* PipelineIncidentService::ReportIncident(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
    grpc::ByteBuffer* response) {
  const Deadline deadline = rpc::DeadlineOf(*context);
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  SpawnThen(Report(*request, *response, deadline), [reactor, context](const Status& status) {
    reactor->Finish(rpc::ToGrpc(status, *context));
  });
  return reactor;
}

Task<Status> PipelineIncidentService::Report(const grpc::ByteBuffer& request,
                                             grpc::ByteBuffer& response, Deadline deadline) {
  {
    rpc::ArenaLease arena;
    auto& message = arena.Make<v1::ReportIncidentRequest>();
    if (Status status = rpc::ParseMessage(request, message); !status.ok()) {
      co_return status;
    }
  }
  const std::uint64_t number = next_incident.fetch_add(1, std::memory_order_relaxed);
  StoreTrips trips(store_);
  if (Status status = co_await trips.ClaimAndRead(number, deadline); !status.ok()) {
    co_return status;
  }
  if (Status status = co_await trips.Record(number, deadline); !status.ok()) {
    co_return status;
  }
  response = granted_;
  co_return Status::Ok();
}

}  // namespace kulanz::bench
