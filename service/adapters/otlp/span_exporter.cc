#include "service/adapters/otlp/span_exporter.h"

#include <algorithm>
#include <string>
#include <utility>

namespace kulanz::adapters {

Result<std::unique_ptr<SpanExporter>> SpanExporter::Start(SpanExporterOptions options,
                                                          ports::SpanTelemetry& telemetry,
                                                          ports::Log& log) {
  KULANZ_ASSIGN_OR_RETURN(std::unique_ptr<OtlpClient> client, OtlpClient::Make(options.endpoint));
  return std::unique_ptr<SpanExporter>(
      new SpanExporter(std::move(options), std::move(client), telemetry, log));
}

SpanExporter::SpanExporter(SpanExporterOptions options, std::unique_ptr<OtlpClient> client,
                           ports::SpanTelemetry& telemetry, ports::Log& log)
    : options_(std::move(options)),
      client_(std::move(client)),
      telemetry_(telemetry),
      log_(log),
      thread_([this] { Run(); }) {}

SpanExporter::~SpanExporter() { Drain(Duration{0}); }

void SpanExporter::Ended(ports::Span span) {
  const char* lost = nullptr;
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      lost = "given_up";
    } else if (queue_.size() >= options_.queue_max) {
      lost = "queue_full";
    } else {
      if (queue_.empty()) {
        first_queued_ = std::chrono::steady_clock::now();
      }
      queue_.push_back(std::move(span));
      wake = queue_.size() == 1 || queue_.size() == options_.batch_max;
    }
  }
  if (wake) {
    changed_.notify_all();
  }
  if (lost != nullptr) {
    telemetry_.SpansHandled(lost, 1);
  }
}

void SpanExporter::Drain(Duration patience) {
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
    changed_.wait_for(lock, patience, [this] { return ended_; });
  }
  client_->Abort();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void SpanExporter::Run() {
  for (std::vector<ports::Span> batch = TakeBatch(); !batch.empty(); batch = TakeBatch()) {
    Deliver(batch);
  }
  const std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

std::vector<ports::Span> SpanExporter::TakeBatch() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  changed_.wait_until(lock, first_queued_ + options_.delay,
                      [this] { return stopping_ || queue_.size() >= options_.batch_max; });
  const auto count = static_cast<std::ptrdiff_t>(std::min(queue_.size(), options_.batch_max));
  std::vector<ports::Span> batch(std::make_move_iterator(queue_.begin()),
                                 std::make_move_iterator(queue_.begin() + count));
  queue_.erase(queue_.begin(), queue_.begin() + count);
  first_queued_ = std::chrono::steady_clock::now();
  return batch;
}

void SpanExporter::Deliver(const std::vector<ports::Span>& batch) {
  const std::string json = TraceJson(options_.resource, batch);
  Duration backoff = options_.backoff;
  for (int attempt = 1;; ++attempt) {
    const OtlpReport report = client_->Post(json);
    Tell(report);
    if (report.result == OtlpResult::kAccepted) {
      const std::uint64_t rejected = std::min<std::uint64_t>(report.spans_rejected, batch.size());
      telemetry_.SpansHandled("exported", batch.size() - rejected);
      telemetry_.SpansHandled("rejected", rejected);
      return;
    }
    if (report.result == OtlpResult::kRejected) {
      telemetry_.SpansHandled("rejected", batch.size());
      return;
    }
    if (attempt >= options_.attempts_max || !Pause(report.retry_after.value_or(backoff))) {
      telemetry_.SpansHandled("given_up", batch.size());
      return;
    }
    backoff *= 2;
  }
}

bool SpanExporter::Pause(Duration pause) {
  std::unique_lock lock(mutex_);
  // At the end there are no pauses: what is not taken at once is given up.
  return !changed_.wait_for(lock, pause, [this] { return stopping_; });
}

// The log is told of changes only: traces are the least of anybody's worries while nothing else works either.
void SpanExporter::Tell(const OtlpReport& report) {
  const bool failing = report.result != OtlpResult::kAccepted;
  if (failing == std::exchange(failing_, failing)) {
    return;
  }
  if (failing) {
    log_.Warning("traces_not_sent", "the receiver of traces does not take them; calls go on",
                 {{"reason", report.reason}});
  } else {
    log_.Info("traces_sent", "the receiver of traces takes them", {});
  }
}

}  // namespace kulanz::adapters
