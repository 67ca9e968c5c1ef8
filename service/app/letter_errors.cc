// What the reason tokens of failed deliveries mean: adapters/smtp, adapters/maildir, adapters/mail, courier.
#include <array>
#include <string>
#include <utility>

#include "service/app/letters.h"

namespace kulanz::app {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 24> kMeanings = {{
    {"NO_ADDRESS",
     "the customer is not known, was erased, or has no address: upsert one, then resend"},
    {"NO_CONSENT", "the customer wants no mail: tell them in another way"},
    {"CUSTOMER_BLOCKED", "the customer was blocked after the decision: unblock, then resend"},
    {"HTTP_422",
     "the receiver of messages cannot reach the customer: upsert an address, then resend"},
    {"VOUCHER_EXPIRED",
     "the voucher ran out before its letter could be sent: it is worth nothing any more"},
    {"ATTEMPTS_EXHAUSTED",
     "every attempt ended without a record of why, as when servers are killed: resend"},
    {"SMTP_550",
     "the mail server refused for good; of a recipient: the address does not exist. Upsert "
     "another, then resend"},
    {"SMTP_551", "the recipient is not at that server: upsert another address, then resend"},
    {"SMTP_552", "the recipient's mailbox is full, or the letter too large: resend later"},
    {"SMTP_553", "the mail server does not understand the address: upsert another, then resend"},
    {"SMTP_554",
     "the mail server refused the letter, perhaps as spam: ask its operator, then resend"},
    {"SMTP_RELAY_DENIED",
     "the mail server does not relay to this recipient: look at its configuration"},
    {"SMTP_LOGIN_REFUSED",
     "the mail server wants another login: look at --smtp-user and its password file"},
    {"SMTP_UNCONFIRMED",
     "the letter was sent and the mail server's reply was lost, so it may have arrived; "
     "a resent one has the same Message-ID"},
    {"SMTP_UNREACHABLE", "the mail server could not be reached: resend when it can"},
    {"SMTP_CUT", "the mail server ended the connection: resend"},
    {"SMTP_TIMEOUT", "the mail server did not answer in time: resend"},
    {"UNKNOWN_MESSAGE", "the message that the policy names does not exist: add it, then resend"},
    {"UNKNOWN_SIGNER", "the person who signs is not in people.yaml: add them, then resend"},
    {"BAD_ADDRESS", "the address cannot be used: upsert another, then resend"},
    {"HTTP_410", "the receiver of webhooks wants no more: set another up, then resend"},
    {"INCIDENT_WITHDRAWN", "the incident was withdrawn: nothing is sent"},
    {"VOUCHER_REVOKED", "the voucher was revoked: nothing is sent"},
    {"QUEUE_FULL", "too many letters waited at once: it comes round again"},
}};

}  // namespace

std::string ExplainDeliveryError(std::string_view reason) {
  if (reason.empty()) {
    return "";
  }
  for (const auto& [token, meaning] : kMeanings) {
    if (token == reason) {
      return std::string(meaning);
    }
  }
  if (reason.starts_with("SMTP_4") || reason.starts_with("HTTP_5")) {
    return "the receiver refused for the moment, at every attempt: resend when it is better";
  }
  if (reason.starts_with("SMTP_5") || reason.starts_with("HTTP_4")) {
    return "the receiver refused for good: ask its operator, then resend";
  }
  return "see the log of that time: letter_attempt_failed";
}

}  // namespace kulanz::app
