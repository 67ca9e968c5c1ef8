#include "service/adapters/webhook/webhook_sender.h"

#include <chrono>
#include <system_error>
#include <utility>
#include <vector>

#include "service/adapters/webhook/webhook_signature.h"
#include "service/base/steady_now.h"

namespace kulanz::adapters {
namespace {

using ports::DeliveryReport;
using ports::DeliveryResult;

constexpr Duration kUntriedPause{1'000};

DeliveryReport Untried(std::string_view reason) {
  DeliveryReport report;
  report.reason = reason;
  report.retry_after = kUntriedPause;
  report.counts = false;
  return report;
}

std::filesystem::file_time_type WrittenAt(const std::string& file) {
  std::error_code ignored;
  return std::filesystem::last_write_time(file, ignored);
}

}  // namespace

Result<std::unique_ptr<WebhookSender>> WebhookSender::Make(std::string name,
                                                           WebhookEndpoint endpoint,
                                                           std::uint32_t connections,
                                                           ports::Telemetry& telemetry,
                                                           ports::Log& log) {
  KULANZ_RETURN_IF_ERROR(ReadWebhookSigner(endpoint.secret_file).status());
  std::unique_ptr<WebhookSender> sender(
      new WebhookSender(std::move(name), endpoint, telemetry, log));
  std::vector<std::shared_ptr<WebhookClient>> clients;
  for (std::uint32_t i = 0; i < connections; ++i) {
    KULANZ_ASSIGN_OR_RETURN(auto client, WebhookClient::Make(endpoint, sender->cut_off_));
    clients.push_back(std::move(client));
  }
  for (std::shared_ptr<WebhookClient>& client : clients) {
    sender->queue_.Start([self = sender.get(), client = std::move(client)](Job& job) {
      job.done(self->Post(job, *client));
    });
  }
  return sender;
}

WebhookSender::WebhookSender(std::string name, const WebhookEndpoint& endpoint,
                             ports::Telemetry& telemetry, ports::Log& log)
    : name_(std::move(name)),
      secret_file_(endpoint.secret_file),
      queue_time_(endpoint.timeout),
      telemetry_(telemetry),
      log_(log) {
  telemetry_.WebhookDisabled(name_, false);
}

WebhookSender::~WebhookSender() { Drain(SteadyNow()); }

void WebhookSender::Drain(Deadline latest) {
  cut_off_.At(latest);
  for (Job& job : queue_.Stop()) job.done(Untried("SHUTTING_DOWN"));
}

bool WebhookSender::Held() {
  ReopenWhenTouched();
  return gate_.closed(SteadyNow());
}

Task<DeliveryReport> WebhookSender::Send(std::string id, std::string body) {
  ReopenWhenTouched();
  // Named, because g++ 12 miscompiles some temporaries that live across a suspension.
  auto start = [this, &id, &body](auto done) {
    Job job{std::move(id), std::move(body), SteadyNow() + queue_time_, Done(std::move(done))};
    if (const auto refusal = queue_.Push(job)) {
      job.done(
          Untried(*refusal == WorkerQueue<Job>::Refusal::kFull ? "QUEUE_FULL" : "SHUTTING_DOWN"));
    }
  };
  auto sending = Complete<DeliveryReport>(start);
  DeliveryReport report = co_await sending;
  co_return report;
}

DeliveryReport WebhookSender::Post(const Job& job, WebhookClient& client) {
  if (job.body.size() > kWebhookBodyBytesMax) {
    DeliveryReport report;
    report.result = DeliveryResult::kUndeliverable;
    report.reason = "BODY_TOO_LARGE";
    return report;
  }
  if (SteadyNow() > job.latest) return Untried("QUEUE_TIME");
  if (auto refusal = gate_.Admit(SteadyNow())) return *std::move(refusal);
  const Instant now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
  const WebhookReport answer = client.Post({job.id, now, job.body});
  // One step with what ReopenWhenTouched compares.
  const std::lock_guard lock(mutex_);
  const bool was_disabled = gate_.disabled();
  DeliveryReport report = gate_.Record(answer, SteadyNow());
  if (!was_disabled && gate_.disabled()) {
    secret_written_ = WrittenAt(secret_file_);
    telemetry_.WebhookDisabled(name_, true);
    log_.Error("webhook_disabled",
               "the receiver answered 410 and is sent nothing more; touch its secret file or "
               "restart to resume",
               {{"endpoint", name_}});
  }
  return report;
}

void WebhookSender::ReopenWhenTouched() {
  if (!gate_.disabled()) return;
  const std::lock_guard lock(mutex_);
  if (WrittenAt(secret_file_) == secret_written_ || !gate_.Reopen()) return;
  telemetry_.WebhookDisabled(name_, false);
  log_.Info("webhook_enabled", "the receiver is asked again", {{"endpoint", name_}});
}

}  // namespace kulanz::adapters
