// WebhookSender: posts to one endpoint from a few threads, each over a connection that it keeps.
//
// Send() queues and returns at its first suspension; the awaiter is resumed on a worker's thread. A receiver
// that answers 410 is asked nothing more: `kulanz_webhook_disabled` is 1 and the log says so, until its secret
// file is replaced or touched, or the process starts again.
//
// Reports: kAccepted; kRetry with WebhookReport's reasons; kRetry, not counted, while nothing is sent:
// WEBHOOK_DISABLED, WEBHOOK_SECRET_FILE, WEBHOOK_ADDRESS, what an EndpointGate repeats, QUEUE_FULL, QUEUE_TIME,
// SHUTTING_DOWN; kUndeliverable / BODY_TOO_LARGE. From Send() to its report at most twice the endpoint's
// timeout passes: what waited for longer than one is given back untried.
//
// Thread-safety: any thread. The destructor drains and waits for what is being sent. No Send may begin once it
// has begun.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "service/adapters/curl/cut_off.h"
#include "service/adapters/webhook/endpoint_gate.h"
#include "service/adapters/webhook/webhook_client.h"
#include "service/base/task.h"
#include "service/base/worker_queue.h"
#include "service/ports/log.h"
#include "service/ports/messenger.h"
#include "service/ports/telemetry.h"

namespace kulanz::adapters {

inline constexpr std::uint32_t kWebhookConnectionsMax = 64;

class WebhookSender {
 public:
  static constexpr std::size_t kQueueMax = 1024;

  // `name`: of the endpoint in metrics and log: "events", "messages". `telemetry`, `log` outlive it.
  //   INVALID_ARGUMENT / WEBHOOK_URL, FAILED_PRECONDITION / WEBHOOK_SECRET_FILE
  static Result<std::unique_ptr<WebhookSender>> Make(std::string name, WebhookEndpoint endpoint,
                                                     std::uint32_t connections,
                                                     ports::Telemetry& telemetry, ports::Log& log);
  ~WebhookSender();
  WebhookSender(const WebhookSender&) = delete;
  WebhookSender& operator=(const WebhookSender&) = delete;

  // `id`: as WebhookEvent's.
  Task<ports::DeliveryReport> Send(std::string id, std::string body);
  // Whether Send would be refused for the moment. A receiver that was switched off is looked after here, too.
  bool Held();
  // As Messenger::Drain.
  void Drain(Deadline latest);

 private:
  using Done = std::function<void(ports::DeliveryReport)>;
  struct Job {
    std::string id;
    std::string body;
    Deadline latest;  // must be begun by then
    Done done;
  };
  WebhookSender(std::string name, const WebhookEndpoint& endpoint, ports::Telemetry& telemetry,
                ports::Log& log);
  ports::DeliveryReport Post(const Job& job, WebhookClient& client);
  void ReopenWhenTouched();

  const std::string name_;
  const std::string secret_file_;
  const Duration queue_time_;
  ports::Telemetry& telemetry_;
  ports::Log& log_;
  EndpointGate gate_;
  CutOff cut_off_;
  std::mutex mutex_;
  std::filesystem::file_time_type secret_written_{};  // under mutex_; when it was switched off
  WorkerQueue<Job> queue_{kQueueMax};                 // last: its threads use all above
};

}  // namespace kulanz::adapters
