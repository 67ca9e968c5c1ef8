// Letter values: what the templates of one letter are filled in with, for its reader's language and zone.
//
// Thread-safe; pure function.
#pragma once

#include <string>
#include <vector>

#include "service/adapters/mail/formats.h"
#include "service/adapters/mail/message_attributes.h"
#include "service/adapters/mail/signer.h"
#include "service/adapters/mail/template_variables.h"
#include "service/base/result.h"
#include "service/ports/messenger.h"

namespace kulanz::adapters {

// Who writes, for the letter's foot. Each may be empty.
struct Company {
  std::string name;     // "Nordlicht Versand GmbH"
  std::string address;  // "Hafenstraße 1, 20457 Hamburg"
  std::string url;      // "https://shop.example"
};

struct LetterContext {
  const ports::Delivery& delivery;
  const Signer& signer;
  const Company& company;
  const Formats& formats;
  std::string language;  // of the template, for <html lang>
};

// Dates and times are those of the customer's zone, of the policy's zone where that is not known.
//   FAILED_PRECONDITION / VARIABLE_MISSING   the incident lacks an attribute that the message needs
Result<VariableValues> MakeLetterValues(const LetterContext& context,
                                        const std::vector<MessageAttribute>& attributes);

}  // namespace kulanz::adapters
