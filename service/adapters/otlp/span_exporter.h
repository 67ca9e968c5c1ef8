// SpanExporter: sends spans to a receiver of OTLP in batches, from a thread of its own.
//
// A queue of fixed size lies between calls and the receiver: where it is full, because the receiver is away or slow,
// further spans are lost and counted, and no call waits. A batch goes out when it is full, or some seconds after its
// first span; what may be tried again is, a few times, with growing pauses.
//
// Thread-safety: Ended from any thread; Start, Drain and the destructor by one owner.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "service/adapters/otlp/otlp_client.h"
#include "service/adapters/otlp/trace_json.h"
#include "service/base/result.h"
#include "service/ports/log.h"
#include "service/ports/span_sink.h"

namespace kulanz::adapters {

struct SpanExporterOptions {
  OtlpEndpoint endpoint;
  TraceResource resource;
  std::size_t queue_max = 4'096;
  std::size_t batch_max = 512;  // some 300 kB
  Duration delay{2'000};        // of the first span of a batch that is not full
  int attempts_max = 4;
  Duration backoff{1'000};  // after the first attempt; twice as long after each further one
};

class SpanExporter final : public ports::SpanSink {
 public:
  // `telemetry` and `log` outlive it. As OtlpClient::Make.
  static Result<std::unique_ptr<SpanExporter>> Start(SpanExporterOptions options,
                                                     ports::SpanTelemetry& telemetry,
                                                     ports::Log& log);
  // As Drain, without patience.
  ~SpanExporter() override;
  SpanExporter(const SpanExporter&) = delete;
  SpanExporter& operator=(const SpanExporter&) = delete;

  void Ended(ports::Span span) override;

  void Drain(Duration patience) override;

 private:
  SpanExporter(SpanExporterOptions options, std::unique_ptr<OtlpClient> client,
               ports::SpanTelemetry& telemetry, ports::Log& log);
  void Run();
  // Waits for a batch; empty: the end.
  std::vector<ports::Span> TakeBatch();
  void Deliver(const std::vector<ports::Span>& batch);
  // False when there is no time for that any more.
  bool Pause(Duration pause);
  void Tell(const OtlpReport& report);

  const SpanExporterOptions options_;
  const std::unique_ptr<OtlpClient> client_;
  ports::SpanTelemetry& telemetry_;
  ports::Log& log_;
  bool failing_ = false;  // the thread's own: as told by the log

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<ports::Span> queue_;                       // under mutex_
  std::chrono::steady_clock::time_point first_queued_;  // under mutex_
  bool stopping_ = false;                               // under mutex_
  bool ended_ = false;                                  // under mutex_
  std::thread thread_;                                  // last: uses all above
};

}  // namespace kulanz::adapters
