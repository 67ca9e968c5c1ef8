// SmtpConnection: hands letters to the mail server, one after the other, over a connection that it keeps.
//
// libcurl underneath. A connection is opened when a letter needs one, used for as many as follow, and given
// up after an error, when login or password have changed, and when it was idle for a minute.
//
// Thread-safety: none; one per thread. Blocking, for at most the options' timeout.
#pragma once

#include <memory>
#include <string>

#include "service/adapters/curl/cut_off.h"
#include "service/adapters/smtp/smtp_attempt.h"
#include "service/adapters/smtp/smtp_options.h"

namespace kulanz::adapters {

// One message to one recipient.
struct SmtpLetter {
  const std::string& sender;     // envelope; ASCII (ToAsciiAddress)
  const std::string& recipient;  // envelope; ASCII
  const std::string& message;    // CRLF line ends
};

class SmtpConnection {
 public:
  // `options` without violations. `cut_off` outlives this.
  SmtpConnection(const SmtpOptions& options, const CutOff& cut_off);
  // Says QUIT to the server, and does not wait for its answer.
  ~SmtpConnection();
  SmtpConnection(const SmtpConnection&) = delete;
  SmtpConnection& operator=(const SmtpConnection&) = delete;

  // `password`: of the options' user; goes nowhere but to the server, over TLS.
  SmtpAttempt Send(const SmtpLetter& letter, const std::string& password);

 private:
  struct Handle;
  SmtpAttempt SendOnce(const SmtpLetter& letter, const std::string& password, Duration timeout);

  const SmtpOptions options_;
  std::unique_ptr<Handle> handle_;
};

}  // namespace kulanz::adapters
