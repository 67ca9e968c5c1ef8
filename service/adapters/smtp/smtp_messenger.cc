#include "service/adapters/smtp/smtp_messenger.h"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "service/adapters/mail/mail_address.h"
#include "service/base/check.h"
#include "service/base/password_file.h"
#include "service/base/steady_now.h"

namespace kulanz::adapters {
namespace {

using ports::Delivery;
using ports::DeliveryReport;
using ports::DeliveryResult;

// What is given back untried comes again soon.
constexpr Duration kUntriedPause{1'000};

DeliveryReport Report(DeliveryResult result, std::string_view reason, std::string detail) {
  DeliveryReport report;
  report.result = result;
  report.reason = reason;
  report.detail = std::move(detail);
  return report;
}

DeliveryReport Untried(std::string_view reason, std::string detail) {
  DeliveryReport report = Report(DeliveryResult::kRetry, reason, std::move(detail));
  report.retry_after = kUntriedPause;
  report.counts = false;
  return report;
}

DeliveryReport ShuttingDown() { return Untried("SHUTTING_DOWN", "the server is shutting down"); }

std::string EnvelopeSender(const SmtpOptions& options) {
  KULANZ_CHECK(Violations(options).empty(), "SMTP options are checked before they are used");
  return options.sender.empty() ? std::string() : *ToAsciiAddress(options.sender);
}

}  // namespace

SmtpMessenger::SmtpMessenger(SmtpOptions options, const LetterComposer& composer)
    : options_(std::move(options)),
      sender_(EnvelopeSender(options_)),
      composer_(composer),
      bucket_(options_.letters_per_second),
      breaker_({.probe = options_.timeout * 2}) {
  for (std::uint32_t i = 0; i < options_.connections; ++i) {
    auto connection = std::make_shared<SmtpConnection>(options_, cut_off_);
    queue_.Start([this, connection = std::move(connection)](Job& job) {
      job.done(Deliver(job, *connection));
    });
  }
}

SmtpMessenger::~SmtpMessenger() { SmtpMessenger::Drain(SteadyNow()); }

void SmtpMessenger::Drain(Deadline latest) {
  cut_off_.At(latest);
  for (Job& job : queue_.Stop()) job.done(ShuttingDown());
}

Task<DeliveryReport> SmtpMessenger::Send(Delivery delivery) {
  // Named, because g++ 12 miscompiles some temporaries that live across a suspension.
  auto start = [this, &delivery](auto done) {
    Job job{std::move(delivery), SteadyNow() + options_.queue_time, Done(std::move(done))};
    if (const auto refusal = queue_.Push(job)) {
      job.done(*refusal == WorkerQueue<Job>::Refusal::kFull
                   ? Untried("QUEUE_FULL", "too many letters wait")
                   : ShuttingDown());
    }
  };
  auto sending = Complete<DeliveryReport>(start);
  DeliveryReport report = co_await sending;
  co_return report;
}

DeliveryReport SmtpMessenger::Deliver(const Job& job, SmtpConnection& connection) {
  const Result<Letter> letter = composer_.Compose(job.delivery);
  if (!letter.ok()) {
    const Status status = letter.status();
    return Report(DeliveryResult::kUndeliverable, status.reason(), status.message());
  }
  if (auto turned_away = AwaitTurn(job.latest)) return *std::move(turned_away);
  if (auto refusal = breaker_.Admit(SteadyNow())) return *std::move(refusal);
  DeliveryReport report = Transmit(*letter, connection);
  breaker_.Record(report, SteadyNow());
  return report;
}

DeliveryReport SmtpMessenger::Transmit(const Letter& letter, SmtpConnection& connection) {
  std::string password;
  if (!options_.password_file.empty()) {
    Result<std::string> read = ReadPasswordFile(options_.password_file);
    if (!read.ok()) {
      return Report(DeliveryResult::kMisconfigured, "SMTP_PASSWORD_FILE", read.status().message());
    }
    password = *std::move(read);
  }
  const std::string& sender = sender_.empty() ? letter.sender : sender_;
  return relay_doubt_.Judge(
      ReportOf(connection.Send({sender, letter.recipient, letter.message}, password)),
      letter.recipient);
}

std::optional<DeliveryReport> SmtpMessenger::AwaitTurn(Deadline latest) {
  const Deadline now = SteadyNow();
  const std::optional<Deadline> turn = now > latest ? std::nullopt : bucket_.Take(now, latest);
  if (!turn) return Untried("RATE_LIMITED", "there was no turn for it in time");
  if (!queue_.PauseUntil(*turn) && *turn > now) return ShuttingDown();
  return std::nullopt;
}

}  // namespace kulanz::adapters
