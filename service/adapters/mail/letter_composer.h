// LetterComposer: a delivery as a complete e-mail (RFC 5322), byte for byte the same at each attempt.
//
// multipart/alternative with plain text and HTML, signed by the person whom the policy names, answered by
// that person. Date, Message-ID and boundary come from the delivery, nothing from the clock or chance, so
// a repeated letter is recognised by its receiver and golden files can hold it.
//
// Thread-safety: any thread; messages and signers may be replaced at any time.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "service/adapters/mail/letter_values.h"
#include "service/adapters/mail/message_set.h"
#include "service/adapters/mail/signer.h"
#include "service/base/result.h"
#include "service/ports/messenger.h"

namespace kulanz::adapters {

struct Letter {
  std::string message_id;  // without the angle brackets
  std::string sender;      // envelope, ASCII
  std::string recipient;   // envelope, ASCII
  std::string locale;      // of the templates
  std::string subject;     // this and the next two as written, before encoding: for previews
  std::string text;
  std::string html;
  std::string message;  // the whole message, CRLF line ends
};

// What letters are made of; replaced as a whole.
struct LetterSources {
  std::shared_ptr<const MessageSet> messages;
  Signers signers;
  Company company;
};

class LetterComposer {
 public:
  explicit LetterComposer(LetterSources sources);

  void Replace(LetterSources sources);

  // Each failure is for good: the same delivery fails again until somebody changes something.
  //   FAILED_PRECONDITION / NO_ADDRESS, NO_CONSENT      nothing may or can be sent to this customer
  //   FAILED_PRECONDITION / UNKNOWN_MESSAGE, UNKNOWN_SIGNER, VARIABLE_MISSING   see letter_values.h
  //   INVALID_ARGUMENT / BAD_ADDRESS, BAD_NAME, BAD_SUBJECT, BAD_ID   a header would be forged or broken
  //   FAILED_PRECONDITION / BAD_SIGNER                  the signer's own name or address is unusable
  Result<Letter> Compose(const ports::Delivery& delivery) const;

 private:
  std::shared_ptr<const LetterSources> sources() const;

  mutable std::mutex mutex_;
  std::shared_ptr<const LetterSources> sources_;  // under mutex_
};

}  // namespace kulanz::adapters
