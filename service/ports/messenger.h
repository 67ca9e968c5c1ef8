// Messenger: carries an apology, usually with a voucher, to the customer.
//
// Port. Implemented by MaildirMessenger (adapters/maildir) and SmtpMessenger (adapters/smtp). A messenger may
// be called from any thread and must not block the caller's thread for longer than composing takes.
// It is called at least once per delivery, so a repeated `id` must be recognisable by the receiver
// (Message-ID, idempotency key) and, where the medium allows, must not appear twice.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "service/base/task.h"
#include "service/domain/customer.h"
#include "service/domain/incident.h"
#include "service/domain/issued_code.h"
#include "service/domain/time.h"
#include "service/domain/voucher.h"

namespace kulanz::ports {

// The code is a bearer secret: into the message and nowhere else.
struct EnclosedVoucher {
  Voucher voucher;
  IssuedCode code;
};

// Everything that a message may say.
struct Delivery {
  std::string id;  // stable over all attempts: 32 hexadecimal digits derived from the incident
  Customer customer;
  Incident incident;
  DeliveryTerms terms;  // message name and signer
  std::string zone;     // the policy's: days are named in it when the customer's is not known
  std::optional<EnclosedVoucher> voucher;  // nothing: an apology without one
  Instant written_at{};  // Date of the message; the decision's time, the same at each attempt
};

enum class DeliveryResult : std::uint8_t {
  kAccepted,       // the next hop has taken responsibility
  kRetry,          // a later attempt may succeed
  kUndeliverable,  // no attempt can succeed: bad address, unknown message
  kMisconfigured,  // no delivery can succeed until an operator acts: login refused, disk full
};

struct DeliveryReport {
  DeliveryResult result = DeliveryResult::kRetry;
  std::string reason;  // stable token, "NO_ADDRESS", "SMTP_451"; no PII; empty when accepted
  std::string detail;  // for the log; no PII, no code
  std::optional<Duration> retry_after;
  // kRetry only. False: nothing was said about this letter (the next hop is away, or there was no time for
  // it), so its attempts are not used up, and it waits for `retry_after` alone.
  bool counts = true;
  // A mail server refused the address for good, so that other letters will not reach it either. Also where another
  // channel has reached the customer then.
  bool address_refused = false;
};

class Messenger {
 public:
  virtual ~Messenger() = default;
  virtual Task<DeliveryReport> Send(Delivery delivery) = 0;
  // The process is about to stop: letters that wait are answered with kRetry at once; those under way have until
  // `latest` and are given up soon after it, with kRetry too, which may let one arrive twice. Send may still be
  // called, and is answered in the same way. Idempotent, does not block.
  virtual void Drain(Deadline /*latest*/) {}
};

}  // namespace kulanz::ports
