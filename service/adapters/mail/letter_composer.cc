#include "service/adapters/mail/letter_composer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "service/adapters/mail/body_encoding.h"
#include "service/adapters/mail/header_field.h"
#include "service/adapters/mail/mail_address.h"
#include "service/adapters/mail/text_safety.h"

namespace kulanz::adapters {
namespace {

constexpr std::size_t kSubjectBytesMax = 500;
constexpr std::size_t kDeliveryIdBytesMax = 64;

Status Undeliverable(std::string_view reason, std::string message) {
  return Status(Code::kFailedPrecondition, reason, std::move(message));
}
Status Malformed(std::string_view reason, std::string message) {
  return Status(Code::kInvalidArgument, reason, std::move(message));
}

// It becomes a Message-ID, a boundary and a file name.
bool IsDeliveryId(std::string_view id) {
  return !id.empty() && id.size() <= kDeliveryIdBytesMax &&
         std::all_of(id.begin(), id.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-';
         });
}

// "Sun, 01 Mar 2026 12:00:00 +0000" (RFC 5322, section 3.3).
std::string DateTime(Instant instant) {
  constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed",
                                                     "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::year_month_day date(day);
  const std::string iso = FormatInstant(std::chrono::floor<std::chrono::seconds>(instant));
  std::string out(kDays.at(std::chrono::weekday(day).c_encoding()));
  out.append(", ").append(iso, 8, 2).append(" ");
  out.append(kMonths.at(static_cast<unsigned>(date.month()) - 1)).append(" ");
  return out.append(iso, 0, 4).append(" ").append(iso, 11, 8).append(" +0000");
}

struct Parties {
  Mailbox from;
  Mailbox reply_to;
  Mailbox to;
};

Result<Parties> ReadParties(const ports::Delivery& delivery, const Signer& signer) {
  const Customer& customer = delivery.customer;
  if (customer.email.empty())
    return Undeliverable("NO_ADDRESS", "the customer has no e-mail address");
  if (!IsSafeHeaderText(customer.given_name) || !IsSafeHeaderText(customer.family_name)) {
    return Malformed("BAD_NAME", "the customer's name contains control characters");
  }
  Parties parties;
  KULANZ_ASSIGN_OR_RETURN(parties.to.address, ToAsciiAddress(customer.email));
  const bool both = !customer.given_name.empty() && !customer.family_name.empty();
  parties.to.name = customer.given_name + (both ? " " : "") + customer.family_name;

  const Result<std::string> from = ToAsciiAddress(signer.email);
  const Result<std::string> reply_to =
      ToAsciiAddress(signer.reply_to.empty() ? signer.email : signer.reply_to);
  if (!from.ok() || !reply_to.ok() || signer.name.empty() || !IsSafeHeaderText(signer.name)) {
    return Undeliverable("BAD_SIGNER", "the signer's name or address is unusable");
  }
  parties.from = {signer.name, *from};
  parties.reply_to = {signer.name, *reply_to};
  return parties;
}

struct Content {
  std::string language;
  std::string subject;
  std::string text;
  std::string html;
};

Result<Content> Render(const LocalizedMessage& message, VariableValues values) {
  Content content;
  content.language = message.locale;
  content.subject = message.subject->Render(values);
  while (content.subject.ends_with('\n') || content.subject.ends_with(' '))
    content.subject.pop_back();
  if (content.subject.empty() || content.subject.size() > kSubjectBytesMax ||
      !IsSafeHeaderText(content.subject)) {
    return Malformed("BAD_SUBJECT", "the subject is empty, too long or has control characters");
  }
  values["mail.subject"] = content.subject;
  content.text = message.text->Render(values);
  content.html = message.html->Render(values);
  return content;
}

// Whatever is in an id, it cannot leave its place in the URL (RFC 3986, unreserved characters).
std::string PercentEncoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    const auto byte = static_cast<unsigned char>(c);
    if (plain) {
      out += c;
    } else {
      out.append("%").append(kHex, byte >> 4U, 1).append(kHex, byte & 15U, 1);
    }
  }
  return out;
}

// RFC 2369 and, for one click, RFC 8058. Not folded: nothing in the URL may be a space.
std::string UnsubscribeFields(const MailTemplate& url, const ports::Delivery& delivery) {
  VariableValues values;
  values["customer.id"] = PercentEncoded(delivery.customer.id.text());
  values["mail.id"] = PercentEncoded(delivery.id);
  return "List-Unsubscribe: <" + url.Render(values) +
         ">\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";
}

void AppendPart(std::string& out, const std::string& boundary, std::string_view type,
                std::string_view body) {
  out.append("--").append(boundary).append("\r\nContent-Type: ").append(type);
  out.append("\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n");
  out.append(QuotedPrintable(body));
}

std::string Assemble(const ports::Delivery& delivery, const Parties& parties,
                     const Content& content, const std::string& message_id,
                     const MailTemplate* unsubscribe) {
  // "=_" occurs in no quoted-printable body, so this cannot either.
  const std::string boundary = "=_kulanz_" + delivery.id;
  std::string out = UnstructuredField("Date", DateTime(delivery.written_at));
  out += MailboxField("From", parties.from);
  out += MailboxField("Reply-To", parties.reply_to);
  out += MailboxField("To", parties.to);
  out += UnstructuredField("Subject", content.subject);
  out += "Message-ID: <" + message_id + ">\r\n";
  out += "Auto-Submitted: auto-generated\r\n";  // no out-of-office replies (RFC 3834)
  if (const std::string& incident = delivery.incident.id.text(); IsSafeHeaderText(incident)) {
    out += UnstructuredField("X-Kulanz-Incident", incident);  // for support: which case is this?
  }
  if (unsubscribe != nullptr) out += UnsubscribeFields(*unsubscribe, delivery);
  out += "Content-Language: " + content.language + "\r\n";
  out += "MIME-Version: 1.0\r\n";
  out += "Content-Type: multipart/alternative;\r\n boundary=\"" + boundary + "\"\r\n\r\n";
  AppendPart(out, boundary, "text/plain; charset=utf-8; format=flowed", Flowed(content.text));
  AppendPart(out, boundary, "text/html; charset=utf-8", content.html);
  return out + "--" + boundary + "--\r\n";
}

}  // namespace

LetterComposer::LetterComposer(LetterSources sources) { Replace(std::move(sources)); }

void LetterComposer::Replace(LetterSources sources) {
  auto next = std::make_shared<const LetterSources>(std::move(sources));
  const std::lock_guard lock(mutex_);
  sources_.swap(next);
}

std::shared_ptr<const LetterSources> LetterComposer::sources() const {
  const std::lock_guard lock(mutex_);
  return sources_;
}

Result<Letter> LetterComposer::Compose(const ports::Delivery& delivery) const {
  const std::shared_ptr<const LetterSources> from = sources();
  if (!delivery.customer.contact_consent) {
    return Undeliverable("NO_CONSENT", "the customer does not want to be written to");
  }
  if (!IsDeliveryId(delivery.id)) return Malformed("BAD_ID", "the delivery's id is malformed");
  const DeliveryTerms& terms = delivery.terms;
  const Message* const message =
      from->messages == nullptr ? nullptr : from->messages->Find(terms.message);
  if (message == nullptr) {
    return Undeliverable("UNKNOWN_MESSAGE", "there is no message '" + terms.message + "'");
  }
  const auto signer = from->signers.find(terms.signed_by);
  if (signer == from->signers.end()) {
    return Undeliverable("UNKNOWN_SIGNER", "nobody has the key '" + terms.signed_by + "'");
  }
  KULANZ_ASSIGN_OR_RETURN(const Parties parties, ReadParties(delivery, signer->second));

  const std::string wanted = CanonicalLocale(delivery.customer.locale);
  const LocalizedMessage& localized = from->messages->In(*message, wanted);
  // The reader's own formats, unless the letter is in another language than the reader's.
  const std::string language = localized.locale.substr(0, localized.locale.find('-'));
  const bool own = wanted.substr(0, wanted.find('-')) == language;
  const std::shared_ptr<const Formats> formats = Formats::For(own ? wanted : localized.locale);
  const LetterContext context{delivery, signer->second, from->company, *formats, localized.locale};
  KULANZ_ASSIGN_OR_RETURN(VariableValues values, MakeLetterValues(context, message->attributes));
  KULANZ_ASSIGN_OR_RETURN(Content content, Render(localized, std::move(values)));

  Letter letter;
  letter.message_id = delivery.id + "@" + std::string(DomainOf(parties.from.address));
  letter.sender = parties.from.address;
  letter.recipient = parties.to.address;
  letter.locale = localized.locale;
  letter.message =
      Assemble(delivery, parties, content, letter.message_id, message->unsubscribe.get());
  letter.subject = std::move(content.subject);
  letter.text = std::move(content.text);
  letter.html = std::move(content.html);
  return letter;
}

}  // namespace kulanz::adapters
