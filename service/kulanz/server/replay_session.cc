#include "service/kulanz/server/replay_session.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <thread>
#include <utility>

#include "service/base/result.h"
#include "service/domain/money.h"
#include "service/kulanz/server/client.h"
#include "service/kulanz/server/messages.h"

namespace kulanz::command {
namespace {

constexpr std::size_t kHeldBackMax = 20'000;  // rows that wait for their customer; a few MB
constexpr std::chrono::milliseconds kPauseMin{20};
constexpr std::chrono::milliseconds kPauseMax{2'000};
constexpr std::chrono::milliseconds kSaveInterval{1'000};
constexpr std::chrono::milliseconds kReconnectPause{200};

RowResult ResultOf(const Incident& incident, const v1::ReportIncidentResponse& response) {
  const v1::Decision& decision = response.decision();
  RowResult result{.incident_id = incident.id.text(),
                   .customer_id = incident.customer.text(),
                   .outcome = decision.outcome() == v1::OUTCOME_GRANTED      ? "granted"
                              : decision.outcome() == v1::OUTCOME_DENIED     ? "denied"
                              : decision.outcome() == v1::OUTCOME_APOLOGISED ? "apologised"
                                                                             : "review",
                   .reason = decision.reason(),
                   .policy = decision.policy(),
                   .amount = "",
                   .currency = "",
                   .replayed = response.replayed()};
  if (decision.has_voucher()) {
    const std::optional<Money> amount = ReadMoney(decision.voucher().amount());
    result.amount = amount ? amount->Number() : "";
    result.currency = decision.voucher().amount().currency_code();
  }
  return result;
}

}  // namespace

ReplaySession::ReplaySession(std::shared_ptr<grpc::Channel> channel, const DataTable& table,
                             const IncidentMap& map, const std::vector<std::size_t>& order,
                             const ReplaySettings& settings, ReplayResults& results)
    : channel_(std::move(channel)),
      table_(table),
      map_(map),
      order_(order),
      settings_(settings),
      results_(results),
      plan_(results.first_row(), order.size(), kHeldBackMax) {}

Status ReplaySession::Run(ProgressBar& progress) {
  for (const DataTable::Rejection& rejection : table_.rejections()) {
    NoteProblem(rejection.line, rejection.reason);
  }
  while (!RunStream(progress)) {
    const std::lock_guard lock(mutex_);
    if (!failure_.ok()) {
      return failure_;
    }
    if (Clock::now() - last_answer_ > settings_.patience) {
      return Status(Code::kUnavailable, "GAVE_UP", "the server has not answered for too long");
    }
  }
  progress.Show(results_.done());
  return results_.Save();
}

bool ReplaySession::RunStream(ProgressBar& progress) {
  if (!channel_->WaitForConnected(std::chrono::system_clock::now() + kReconnectPause)) {
    return false;
  }
  grpc::ClientContext context;
  const auto stub = v1::IncidentService::NewStub(channel_);
  const std::unique_ptr<Stream> stream = stub->StreamIncidents(&context);
  {
    const std::lock_guard lock(mutex_);
    broken_ = false;
    on_the_wire_ = 0;
  }
  std::thread reader([&] { ReadAnswers(*stream); });
  std::unique_lock lock(mutex_);
  while (!AllDone() && !broken_ && failure_.ok()) {
    SaveNowAndThen();
    progress.Show(results_.done());
    const std::optional<std::size_t> position =
        on_the_wire_ < settings_.window ? NextRow() : std::nullopt;
    if (!position) {
      if (!AllDone()) {
        changed_.wait_for(lock, kPauseMin);
      }
      broken_ = broken_ || Clock::now() - last_answer_ > settings_.patience;
      continue;
    }
    ++on_the_wire_;
    v1::StreamIncidentsRequest request;
    request.set_request_id(std::to_string(*position));
    Pending& row = under_way_.at(*position);
    Write(row.incident, *request.mutable_incident());
    row.sent = true;
    lock.unlock();
    const bool written = stream->Write(request);
    lock.lock();
    broken_ = broken_ || !written;
  }
  const bool done = AllDone();
  lock.unlock();
  if (done) {
    stream->WritesDone();
  } else {
    context.TryCancel();
  }
  reader.join();
  static_cast<void>(stream->Finish());
  if (!done) {
    // Whatever was under way may have been decided or not: reported again, it is answered as before.
    const std::lock_guard relock(mutex_);
    repeats_.clear();
    std::vector<std::size_t> unanswered;
    for (const auto& [position, row] : under_way_) {
      if (row.sent) {
        unanswered.push_back(position);
      }
    }
    std::sort(unanswered.begin(), unanswered.end());
    for (const std::size_t position : unanswered) {
      repeats_.emplace(Clock::now() + kPauseMin, position);
    }
  }
  return done;
}

void ReplaySession::ReadAnswers(Stream& stream) {
  v1::StreamIncidentsResponse response;
  while (stream.Read(&response)) {
    const std::lock_guard lock(mutex_);
    Accept(response);
    changed_.notify_one();
  }
  const std::lock_guard lock(mutex_);
  broken_ = true;
  changed_.notify_one();
}

bool ReplaySession::AllDone() const { return results_.done() == order_.size(); }

std::optional<std::size_t> ReplaySession::NextRow() {
  if (!repeats_.empty()) {
    if (repeats_.begin()->first <= Clock::now()) {
      const std::size_t position = repeats_.begin()->second;
      repeats_.erase(repeats_.begin());
      return position;
    }
  }
  return plan_.Next([this](std::size_t position) { return CustomerOf(position); });
}

std::optional<std::string> ReplaySession::CustomerOf(std::size_t position) {
  DataRow fields;
  MappedRow mapped;
  table_.ReadRow(order_[position], fields);
  map_.Read(fields, mapped);
  if (mapped.kind == MappedRow::Kind::kRejected) {
    AddProblem(position, mapped.problem);
    results_.Add(position, {.incident_id = "",
                            .customer_id = "",
                            .outcome = "refused",
                            .reason = "ROW",
                            .policy = "",
                            .amount = "",
                            .currency = ""});
    return std::nullopt;
  }
  if (mapped.kind == MappedRow::Kind::kSkipped) {
    results_.Add(position, {});
    return std::nullopt;
  }
  Incident incident = std::move(mapped.incident);
  std::string customer = incident.customer.text();
  Pending& row = under_way_[position];
  row.customer = customer;
  row.incident = std::move(incident);
  return customer;
}

void ReplaySession::Accept(const v1::StreamIncidentsResponse& response) {
  std::size_t position = 0;
  const std::string& id = response.request_id();
  std::from_chars(id.data(), id.data() + id.size(), position);
  const auto row = under_way_.find(position);
  if (id.empty() || row == under_way_.end()) {
    failure_ = Status(Code::kInternal, "PROTOCOL", "the server answered what was not asked");
    return;
  }
  on_the_wire_ -= on_the_wire_ > 0 ? 1U : 0U;
  const Incident& incident = row->second.incident;
  if (response.has_response()) {
    Finish(position, ResultOf(incident, response.response()));
    return;
  }
  const CallError error = ErrorOf(response.error());
  if (error.MayBeRepeated()) {
    const std::chrono::milliseconds backoff =
        std::min(kPauseMax, kPauseMin * (1 << std::min(row->second.attempts++, 7)));
    repeats_.emplace(Clock::now() + std::max(backoff, error.retry_after.value_or(kPauseMin)),
                     position);
    return;
  }
  if (error.reason != "UNKNOWN_CUSTOMER") {
    AddProblem(position, ToText(error));
  }
  Finish(position, {.incident_id = incident.id.text(),
                    .customer_id = incident.customer.text(),
                    .outcome = "refused",
                    .reason = error.reason,
                    .policy = "",
                    .amount = "",
                    .currency = ""});
}

void ReplaySession::Finish(std::size_t position, RowResult result) {
  last_answer_ = Clock::now();
  results_.Add(position, std::move(result));
  const auto row = under_way_.find(position);
  plan_.Answered(row->second.customer);
  under_way_.erase(row);
}

void ReplaySession::AddProblem(std::size_t position, const std::string& text) {
  NoteProblem(table_.LineOf(order_[position]), text);
}

void ReplaySession::NoteProblem(std::size_t line, const std::string& text) {
  if (++problem_count_ <= kProblemsShown) {
    problems_.push_back(table_.name() + ":" + std::to_string(line) + ": " + text);
  }
}

void ReplaySession::SaveNowAndThen() {
  const Clock::time_point now = Clock::now();
  if (now - last_save_ < kSaveInterval) {
    return;
  }
  last_save_ = now;
  if (Status status = results_.Save(); !status.ok()) {
    failure_ = status;
  }
}

}  // namespace kulanz::command
