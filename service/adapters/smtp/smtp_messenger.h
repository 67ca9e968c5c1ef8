// SmtpMessenger: letters to customers, through a mail server that takes responsibility for them.
//
// Send() queues the delivery and returns at its first suspension. As many workers as there are connections
// compose, wait for their turn of the rate, and send; the awaiter is resumed on such a thread, which must
// not be blocked for long. From Send() to its report at most `queue_time` and twice `timeout` pass.
//
// Outcomes, besides those of smtp_attempt.h:
//   kUndeliverable / NO_ADDRESS, NO_CONSENT, UNKNOWN_MESSAGE, ... as LetterComposer::Compose has them
//   kMisconfigured / SMTP_PASSWORD_FILE
//   kRetry, not counted / QUEUE_FULL, RATE_LIMITED, SHUTTING_DOWN
// After some failures in a row that concern no single letter the last one is repeated without asking the
// server, for a while (circuit_breaker.h). The same Message-ID on every attempt makes duplicates recognisable.
//
// Thread-safety: any thread. The destructor drains and waits for what is being sent. No Send may begin once it
// has begun. No code, address or name is in any report.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "service/adapters/curl/cut_off.h"
#include "service/adapters/mail/letter_composer.h"
#include "service/adapters/smtp/circuit_breaker.h"
#include "service/adapters/smtp/relay_doubt.h"
#include "service/adapters/smtp/smtp_connection.h"
#include "service/adapters/smtp/smtp_options.h"
#include "service/adapters/smtp/token_bucket.h"
#include "service/base/worker_queue.h"
#include "service/ports/messenger.h"

namespace kulanz::adapters {

class SmtpMessenger final : public ports::Messenger {
 public:
  static constexpr std::size_t kQueueMax = 1024;  // deliveries that wait; about 10 MB at the most

  // `options` without violations; `composer` outlives it.
  SmtpMessenger(SmtpOptions options, const LetterComposer& composer);
  ~SmtpMessenger() override;
  SmtpMessenger(const SmtpMessenger&) = delete;
  SmtpMessenger& operator=(const SmtpMessenger&) = delete;

  Task<ports::DeliveryReport> Send(ports::Delivery delivery) override;
  void Drain(Deadline latest) override;

 private:
  using Done = std::function<void(ports::DeliveryReport)>;
  struct Job {
    ports::Delivery delivery;
    Deadline latest;  // must be begun by then
    Done done;
  };

  ports::DeliveryReport Deliver(const Job& job, SmtpConnection& connection);
  ports::DeliveryReport Transmit(const Letter& letter, SmtpConnection& connection);
  // Waits for a turn; the answer when there is none in time.
  std::optional<ports::DeliveryReport> AwaitTurn(Deadline latest);

  const SmtpOptions options_;
  const std::string sender_;  // envelope; empty: the letter's
  const LetterComposer& composer_;
  CutOff cut_off_;
  TokenBucket bucket_;
  CircuitBreaker breaker_;
  RelayDoubt relay_doubt_;
  WorkerQueue<Job> queue_{kQueueMax};  // last: its threads use all above
};

}  // namespace kulanz::adapters
