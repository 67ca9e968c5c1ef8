// What the reason tokens of failed deliveries mean: adapters/smtp, adapters/maildir, adapters/mail, courier.
#include <array>
#include <string>
#include <utility>

#include "service/app/letters.h"

namespace kulanz::app {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 36> kMeanings = {{
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
    {"WEBHOOK_DISABLED",
     "the receiver answered 410 and is asked no more: when it wants to hear again, touch its "
     "secret "
     "file or restart, then resend"},
    {"WEBHOOK_SECRET_FILE",
     "the secret file of the webhook cannot be read or used: set it right, then resend"},
    {"WEBHOOK_ADDRESS",
     "the receiver's address is not public: allow it with --webhook-allow-host, then resend"},
    {"WEBHOOK_CERTIFICATE",
     "the receiver's certificate is not trusted: renew it, or look at --webhook-ca-file, then "
     "resend"},
    {"WEBHOOK_TIMEOUT", "the receiver did not answer in time: resend when it is faster"},
    {"WEBHOOK_CUT", "the receiver ended the connection: resend"},
    {"WEBHOOK_UNREACHABLE", "the receiver could not be reached: resend when it can"},
    {"HTTP_401", "the receiver does not accept the signature: compare the secrets, then resend"},
    {"HTTP_403", "the receiver does not accept the signature: compare the secrets, then resend"},
    {"HTTP_404", "there is no such page at the receiver: look at the webhook's URL, then resend"},
    {"HTTP_429", "the receiver had too much to do: resend more slowly"},
    {"BODY_TOO_LARGE", "it is larger than a webhook may be: nothing can be done but by hand"},
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
  if (reason.starts_with("HTTP_3")) {
    return "the receiver redirects, which is not followed: set the webhook's URL to where it leads";
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
