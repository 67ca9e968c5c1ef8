// Message attributes: which of an incident's attributes a message may name, declared in its variables.txt.
//
//   # name         kind
//   promised_at    instant?                             incident.promised_at_date and _time
//   product        text                                 incident.product
//   days_late      days? promised_at delivered_at       the local days from one to the other, if above 0
//
// Kinds: text, number, amount, date, instant, span (a duration), flag, days. A '?' behind the kind: it may
// be absent. Without it a letter for an incident that lacks the attribute is not written (the delivery
// fails with VARIABLE_MISSING), so leave it out only where the incident's type requires the attribute.
//
// Thread-safety: plain values.
#pragma once

#include <string>
#include <vector>

#include "service/adapters/mail/template_source.h"
#include "service/adapters/mail/template_variables.h"

namespace kulanz::adapters {

enum class AttributeKind { kText, kNumber, kAmount, kDate, kInstant, kSpan, kFlag, kDays };

struct MessageAttribute {
  std::string name;
  AttributeKind kind = AttributeKind::kText;
  bool optional = false;
  std::string from;  // kDays only: the attributes that it counts between
  std::string to;
};

// The attributes that could be read; what is wrong is appended to `problems`.
std::vector<MessageAttribute> ParseMessageAttributes(const NamedText& variables_txt,
                                                     TemplateProblems& problems);

// Adds the variables of `attributes` to the standard ones.
VariableDeclarations DeclareVariables(const std::vector<MessageAttribute>& attributes);

}  // namespace kulanz::adapters
