// MailTemplate: one checked mustache template of a message, ready to be filled in.
//
// Checked means: every name is declared, every optional variable stands inside a section that proves its
// presence, sections are closed in order, and there is no construct that could surprise (no unescaped
// variables, no lambdas, no other delimiters, no partials left). So rendering cannot fail.
//
// Thread-safety: any thread; rendering the same template is serialised.
#pragma once

#include <memory>
#include <string>

#include "service/adapters/mail/template_source.h"
#include "service/adapters/mail/template_variables.h"

namespace kulanz::adapters {

enum class Escaping { kNone, kHtml };

class MailTemplate {
 public:
  // Null when there are problems, which are appended.
  static std::unique_ptr<MailTemplate> Make(const TemplateSource& source,
                                            const VariableDeclarations& variables,
                                            Escaping escaping, TemplateProblems& problems);
  ~MailTemplate();
  MailTemplate(const MailTemplate&) = delete;
  MailTemplate& operator=(const MailTemplate&) = delete;

  // `values`: all variables that are not optional, and what is there of the others.
  std::string Render(const VariableValues& values) const;

 private:
  struct Impl;
  explicit MailTemplate(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The declared name most like `name`, for "did you mean"; empty when none is near.
std::string NearestVariable(const VariableDeclarations& variables, std::string_view name);

}  // namespace kulanz::adapters
