// SmtpAttempt: how far one letter came with the mail server, and what that means for it.
//
// Thread-safety: plain values and pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "service/ports/messenger.h"

namespace kulanz::adapters {

// What was said last, in the order of a session.
enum class SmtpStep : std::uint8_t {
  kConnect,    // nothing yet: name lookup, TCP, the greeting, implicit TLS
  kHello,      // EHLO
  kStartTls,   // STARTTLS and the handshake
  kLogin,      // AUTH
  kSender,     // MAIL FROM
  kRecipient,  // RCPT TO
  kData,       // DATA
  kMessage,    // the message itself, up to the reply to its end
};

enum class SmtpEnd : std::uint8_t {
  kAccepted,      // the server has taken responsibility for the letter
  kRefused,       // by `reply`
  kUnreachable,   // no such name, no route, nobody listens
  kCut,           // the connection ended without a reply
  kTimeout,       // no reply in time
  kCutOff,        // given up by us, who are about to stop
  kLoginRefused,  // without a reply that says why: no common mechanism
  kNoTls,         // the server offers no STARTTLS
  kCertificate,   // not trusted, out of date, or made out to another; or the CA file is unusable
  kTlsVersion,    // no TLS version in common
  kFailed,        // anything else
};

struct SmtpAttempt {
  SmtpEnd end = SmtpEnd::kFailed;
  SmtpStep step = SmtpStep::kConnect;
  int reply = 0;             // 400 to 599 when refused
  std::string enhanced;      // RFC 3463, "5.1.1"; empty: none given
  bool of_relaying = false;  // the reply's words were about relaying or a missing login
  std::string detail;        // what libcurl says of it; no PII
  bool reused = false;       // over a connection that had carried a letter before
};

// "EHLO", "RCPT"; for logs.
std::string_view SmtpStepName(SmtpStep step);

// The reply line's code and enhanced code; whatever else the server says may quote an address, and is
// dropped. False when it is no reply.
bool ReadSmtpReply(std::string_view line, int& code, std::string& enhanced);

// Whether a refusing reply line says that the server does not relay for us, or not without a login: that is
// no customer's fault. Addresses in it are not read.
bool SpeaksOfRelaying(std::string_view line);

// What becomes of the letter. Reasons (reason tokens of a closed set):
//   kAccepted
//   kRetry          SMTP_4xx; SMTP_UNCONFIRMED: the message was sent and no reply came, so it may arrive
//                   twice, with one Message-ID; SMTP_CUT, SMTP_TIMEOUT, SMTP_FAILED; SHUTTING_DOWN: we stop.
//                   Before MAIL FROM, and with SMTP_UNREACHABLE and SHUTTING_DOWN, nothing was said about this letter:
//                   such an attempt does not count.
//   kUndeliverable  SMTP_5xx of the recipient or the message
//   kMisconfigured  SMTP_LOGIN_REFUSED, SMTP_NO_TLS, SMTP_CERTIFICATE, SMTP_TLS_VERSION; SMTP_5xx of
//                   greeting, EHLO, STARTTLS and sender, and 530, 534, 535, 538 at any step;
//                   SMTP_RELAY_DENIED, by the words or the enhanced code of a refused recipient. Of a single
//                   letter it is doubted: relay_doubt.h.
ports::DeliveryReport ReportOf(const SmtpAttempt& attempt);

// Whether the same letter can be sent again at once over a new connection: an idle connection had been
// closed by the server in the meantime.
bool WasIdleTooLong(const SmtpAttempt& attempt);

}  // namespace kulanz::adapters
