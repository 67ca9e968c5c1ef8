// SmtpAccess: what an operator says of the mail server, and of how stubbornly letters are sent.
//
// Thread-safety: plain values.
#pragma once

#include <cstdint>
#include <string>

#include "service/adapters/smtp/smtp_options.h"
#include "service/app/courier.h"

namespace CLI {
class App;
}

namespace kulanz::server {

struct SmtpAccess {
  adapters::SmtpOptions options;  // without a URL: letters go into the maildir
  app::CourierSettings courier;
  // As they were given; Understand() reads them.
  std::string timeout = "30s";
  std::string retry_first = "5s";
  std::string retry_max = "1h";

  bool chosen() const { return !options.url.empty(); }
};

// --smtp, --smtp-user, ..., --delivery-attempts, ... and their KULANZ_* variables.
void AddSmtpOptions(CLI::App& app, SmtpAccess& access);

// Completes `access` from what was given. Everything that is wrong, one line each; empty: nothing.
std::string Understand(SmtpAccess& access);

}  // namespace kulanz::server
