#include "service/kulanzd/smtp_access.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <vector>

#include "service/kulanzd/config.h"

namespace kulanz::server {
namespace {

constexpr std::uint32_t kAttemptsMax = 1'000;
constexpr Duration kRetryMin{100};
constexpr Duration kRetryMax{86'400'000};

// The duration, or what is wrong with the option.
Duration ReadBetween(const std::string& option, const std::string& text, Duration least,
                     Duration most, std::vector<std::string>& out) {
  const Result<Duration> duration = ParseDurationText(text);
  if (!duration.ok()) {
    out.push_back(option + ": " + duration.status().message());
    return least;
  }
  if (*duration < least || *duration > most) {
    out.push_back(option + " must be from " + std::to_string(least.count()) + "ms to " +
                  std::to_string(most.count() / 1000) + "s");
    return least;
  }
  return *duration;
}

void AddServerOptions(CLI::App& app, SmtpAccess& access) {
  adapters::SmtpOptions& options = access.options;
  app.add_option("--smtp", options.url,
                 "send letters through this mail server: smtp://host[:587], which must offer "
                 "STARTTLS, or smtps://host[:465]; default: letters go into the maildir")
      ->envname("KULANZ_SMTP");
  app.add_option("--smtp-user", options.user, "with --smtp: log in as this user")
      ->envname("KULANZ_SMTP_USER");
  app.add_option("--smtp-password-file", options.password_file,
                 "with --smtp: the file that holds the password; read again when it changes")
      ->envname("KULANZ_SMTP_PASSWORD_FILE");
  app.add_option("--smtp-ca-file", options.ca_file,
                 "with --smtp: the authorities that the server's certificate is verified against; "
                 "default: those that the system trusts")
      ->envname("KULANZ_SMTP_CA_FILE");
  app.add_option("--smtp-from", options.sender,
                 "with --smtp: the envelope's sender, to which bounces go; default: the person who "
                 "signs")
      ->envname("KULANZ_SMTP_FROM");
  app.add_option("--smtp-client-name", options.client_name,
                 "with --smtp: the name that the server is greeted with; default: this machine's")
      ->envname("KULANZ_SMTP_CLIENT_NAME");
  app.add_option("--smtp-connections", options.connections,
                 "with --smtp: letters that are sent side by side, each over a connection that is "
                 "kept; from 1 to 64")
      ->envname("KULANZ_SMTP_CONNECTIONS")
      ->capture_default_str();
  app.add_option("--smtp-rate", options.letters_per_second,
                 "with --smtp: at most so many letters a second from this process; 0: no limit")
      ->envname("KULANZ_SMTP_RATE")
      ->capture_default_str();
  app.add_option("--smtp-timeout", access.timeout,
                 "with --smtp: how long one letter may take, from connecting to the last reply")
      ->envname("KULANZ_SMTP_TIMEOUT")
      ->capture_default_str();
}

}  // namespace

void AddSmtpOptions(CLI::App& app, SmtpAccess& access) {
  AddServerOptions(app, access);
  app.add_option("--delivery-attempts", access.courier.attempts_max,
                 "attempts to deliver a letter before it is dead; what is said about the mail "
                 "server, not the letter, does not count")
      ->envname("KULANZ_DELIVERY_ATTEMPTS")
      ->capture_default_str();
  app.add_option("--delivery-retry-first", access.retry_first,
                 "the pause after a letter's first failed attempt; it doubles with each")
      ->envname("KULANZ_DELIVERY_RETRY_FIRST")
      ->capture_default_str();
  app.add_option("--delivery-retry-max", access.retry_max, "the longest such pause")
      ->envname("KULANZ_DELIVERY_RETRY_MAX")
      ->capture_default_str();
}

std::string Understand(SmtpAccess& access) {
  std::vector<std::string> wrong;
  adapters::SmtpOptions& options = access.options;
  app::CourierSettings& courier = access.courier;
  options.timeout = ReadBetween("--smtp-timeout", access.timeout, adapters::kSmtpTimeoutMin,
                                adapters::kSmtpTimeoutMax, wrong);
  courier.backoff_first =
      ReadBetween("--delivery-retry-first", access.retry_first, kRetryMin, kRetryMax, wrong);
  courier.backoff_max =
      ReadBetween("--delivery-retry-max", access.retry_max, kRetryMin, kRetryMax, wrong);
  if (wrong.empty() && courier.backoff_max < courier.backoff_first) {
    wrong.emplace_back("--delivery-retry-max must not be shorter than --delivery-retry-first");
  }
  if (courier.attempts_max < 1 || courier.attempts_max > kAttemptsMax) {
    wrong.push_back("--delivery-attempts must be from 1 to " + std::to_string(kAttemptsMax));
  }
  if (access.chosen()) {
    const auto violations = adapters::Violations(options);
    wrong.insert(wrong.end(), violations.begin(), violations.end());
    options.queue_time = options.timeout;
    // A claim must outlive the longest attempt: a queue's wait, the letter and its repetition over a new
    // connection, and the recording. Else another server would send the letter a second time.
    constexpr Duration kRecording{15'000};
    courier.lease = options.queue_time + 2 * options.timeout + kRecording;
    courier.in_flight_max = std::max<std::size_t>(courier.in_flight_max, 2U * options.connections);
  } else if (!options.user.empty() || !options.password_file.empty() || !options.ca_file.empty() ||
             !options.sender.empty() || !options.client_name.empty() ||
             options.letters_per_second != 0) {
    wrong.emplace_back("the options that begin with --smtp- need --smtp");
  }
  std::string text;
  for (const std::string& line : wrong) {
    text += (text.empty() ? "" : "\nkulanzd: ") + line;
  }
  return text;
}

}  // namespace kulanz::server
