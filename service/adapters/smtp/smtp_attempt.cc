#include "service/adapters/smtp/smtp_attempt.h"

#include <algorithm>
#include <array>

#include "service/base/ascii.h"

namespace kulanz::adapters {
namespace {

using ports::DeliveryReport;
using ports::DeliveryResult;

// "5.1.1" at the beginning of `text`: one digit, then twice one to three (RFC 3463).
std::size_t EnhancedCodeLength(std::string_view text) {
  std::size_t at = 0;
  for (const std::size_t digits_max : {std::size_t{1}, std::size_t{3}, std::size_t{3}}) {
    if (at > 0) {
      if (at >= text.size() || text[at] != '.') return 0;
      ++at;
    }
    std::size_t digits = 0;
    while (at < text.size() && IsDigit(text[at])) {
      ++at;
      ++digits;
    }
    if (digits == 0 || digits > digits_max) return 0;
  }
  return at;
}

// The server wants a login, or another one, whatever was asked of it.
bool IsAboutLogin(int reply) {
  return reply == 530 || reply == 534 || reply == 535 || reply == 538;
}

// "Relaying denied" has no number of its own: servers say 550 and 554, with 5.7.1, which is also what a
// recipient's filter says, or with nothing. These codes have no other meaning (RFC 5248; Exchange's 5.7.54
// and 5.7.57).
bool IsAboutRelaying(const SmtpAttempt& attempt) {
  if (attempt.step != SmtpStep::kRecipient && attempt.step != SmtpStep::kData) return false;
  for (const std::string_view code :
       {"5.7.8", "5.7.9", "5.7.10", "5.7.11", "5.7.13", "5.7.14", "5.7.54", "5.7.57"}) {
    if (attempt.enhanced == code) return true;
  }
  const bool of_an_address =
      attempt.enhanced.starts_with("5.1.") || attempt.enhanced.starts_with("5.2.");
  return attempt.of_relaying && !of_an_address;
}

DeliveryReport Make(DeliveryResult result, std::string reason, std::string detail) {
  DeliveryReport report;
  report.result = result;
  report.reason = std::move(reason);
  report.detail = std::move(detail);
  return report;
}

DeliveryReport Refused(const SmtpAttempt& attempt, std::string detail) {
  constexpr int kTooLarge = 552;
  std::string reason = "SMTP_" + std::to_string(attempt.reply);
  if (attempt.reply < 500) {
    DeliveryReport report = Make(DeliveryResult::kRetry, std::move(reason), std::move(detail));
    report.counts = attempt.step >= SmtpStep::kSender;
    return report;
  }
  if (attempt.step == SmtpStep::kLogin || IsAboutLogin(attempt.reply)) {
    return Make(DeliveryResult::kMisconfigured, "SMTP_LOGIN_REFUSED", std::move(detail));
  }
  if (IsAboutRelaying(attempt)) {
    return Make(DeliveryResult::kMisconfigured, "SMTP_RELAY_DENIED", std::move(detail));
  }
  const bool of_the_letter = attempt.step > SmtpStep::kSender ||
                             (attempt.step == SmtpStep::kSender && attempt.reply == kTooLarge);
  DeliveryReport report =
      Make(of_the_letter ? DeliveryResult::kUndeliverable : DeliveryResult::kMisconfigured,
           std::move(reason), std::move(detail));
  report.address_refused = attempt.step == SmtpStep::kRecipient;
  return report;
}

std::string DetailOf(const SmtpAttempt& attempt) {
  std::string detail;
  if (attempt.end == SmtpEnd::kRefused) {
    detail = "the server said " + std::to_string(attempt.reply);
    if (!attempt.enhanced.empty()) detail += " " + attempt.enhanced;
  } else {
    detail = attempt.detail;
  }
  return detail + " (" + std::string(SmtpStepName(attempt.step)) + ")";
}

}  // namespace

std::string_view SmtpStepName(SmtpStep step) {
  constexpr std::array<std::string_view, 8> kNames = {"connecting", "EHLO", "STARTTLS", "AUTH",
                                                      "MAIL",       "RCPT", "DATA",     "message"};
  return kNames.at(static_cast<std::size_t>(step));
}

bool ReadSmtpReply(std::string_view line, int& code, std::string& enhanced) {
  if (line.size() < 3 || !IsDigit(line[0]) || !IsDigit(line[1]) || !IsDigit(line[2])) return false;
  if (line.size() > 3 && IsDigit(line[3])) return false;
  code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  enhanced.clear();
  if (line.size() > 4) {
    const std::string_view text = line.substr(4);
    enhanced = text.substr(0, EnhancedCodeLength(text));
  }
  return true;
}

bool SpeaksOfRelaying(std::string_view line) {
  if (line.empty() || line.front() != '5') return false;
  std::string words;
  bool in_address = false;
  std::size_t word = 0;
  for (const char c : line) {
    if (c == '<') in_address = true;
    if (c == ' ') word = words.size() + 1;
    if (!in_address) words += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (c == '>') in_address = false;
    if (c == '@') words.resize(std::min(word, words.size()));
  }
  for (const std::string_view said :
       {"relay", "authentication required", "authentication is required", "must authenticate",
        "authenticate first", "not authenticated",
        // Postfix, as Debian sets up its submission port, of whoever has not logged in.
        "recipient address rejected: access denied"}) {
    if (words.find(said) != std::string::npos) return true;
  }
  return false;
}

DeliveryReport ReportOf(const SmtpAttempt& attempt) {
  std::string detail = DetailOf(attempt);
  const auto misconfigured = [&](std::string_view reason) {
    return Make(DeliveryResult::kMisconfigured, std::string(reason), std::move(detail));
  };
  const auto retry = [&](std::string_view reason, bool counts) {
    const bool unconfirmed = attempt.step == SmtpStep::kMessage;
    DeliveryReport report =
        Make(DeliveryResult::kRetry, std::string(unconfirmed ? "SMTP_UNCONFIRMED" : reason),
             std::move(detail));
    report.counts = counts;
    return report;
  };
  const bool of_the_letter = attempt.step >= SmtpStep::kSender;
  switch (attempt.end) {
    case SmtpEnd::kAccepted:
      return Make(DeliveryResult::kAccepted, {}, {});
    case SmtpEnd::kRefused:
      return Refused(attempt, std::move(detail));
    case SmtpEnd::kUnreachable:
      return retry("SMTP_UNREACHABLE", false);
    case SmtpEnd::kCut:
      return retry("SMTP_CUT", of_the_letter);
    case SmtpEnd::kTimeout:
      return retry("SMTP_TIMEOUT", of_the_letter);
    case SmtpEnd::kCutOff:
      return retry("SHUTTING_DOWN", false);
    case SmtpEnd::kLoginRefused:
      return misconfigured("SMTP_LOGIN_REFUSED");
    case SmtpEnd::kNoTls:
      return misconfigured("SMTP_NO_TLS");
    case SmtpEnd::kCertificate:
      return misconfigured("SMTP_CERTIFICATE");
    case SmtpEnd::kTlsVersion:
      return misconfigured("SMTP_TLS_VERSION");
    case SmtpEnd::kFailed:
      break;
  }
  return retry("SMTP_FAILED", of_the_letter);
}

bool WasIdleTooLong(const SmtpAttempt& attempt) {
  constexpr int kClosing = 421;
  if (!attempt.reused || attempt.step > SmtpStep::kSender) return false;
  return attempt.end == SmtpEnd::kCut ||
         (attempt.end == SmtpEnd::kRefused && attempt.reply == kClosing);
}

}  // namespace kulanz::adapters
