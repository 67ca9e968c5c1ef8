// MessageSet: all messages of a folder in all their languages, checked together, immutable.
//
//   rules/messages/
//     shared/                  partials: salutation.txt, head.html; shared/de/ before shared/
//     late-delivery/
//       variables.txt          the incident's attributes that it names (message_attributes.h)
//       unsubscribe.txt        only where it counts as advertising: the https URL behind List-Unsubscribe
//       de/  subject.txt  body.txt  body.html
//       en/  ...
//
// A language is added with files alone. A customer's locale finds its message by what it says, then
// without its region ("de-CH" -> "de"), then in the default language, which every message must have.
//
// Thread-safety: immutable; shared by shared_ptr<const MessageSet>.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "service/adapters/mail/mail_template.h"
#include "service/adapters/mail/message_attributes.h"

namespace kulanz::adapters {

struct LocalizedMessage {
  std::string locale;  // "de", as the folder is called
  std::unique_ptr<MailTemplate> subject;
  std::unique_ptr<MailTemplate> text;
  std::unique_ptr<MailTemplate> html;
};

struct Message {
  std::vector<MessageAttribute> attributes;
  std::unique_ptr<MailTemplate> unsubscribe;  // null: the message is no advertising
  std::map<std::string, LocalizedMessage, std::less<>> locales;
};

class MessageSet {
 public:
  static constexpr std::size_t kMessagesMax = 500;

  // Reads and checks everything below `folder`; blocking. Null when there is a problem: all that were
  // found are then in `problems`, by file and line.
  static std::shared_ptr<const MessageSet> Load(const std::string& folder,
                                                const std::string& default_locale,
                                                TemplateProblems& problems);

  // Null when there is no such message.
  const Message* Find(std::string_view name) const;
  // `locale`: canonical (CanonicalLocale), may be empty.
  const LocalizedMessage& In(const Message& message, const std::string& locale) const;
  std::vector<std::string> names() const;

 private:
  MessageSet() = default;
  std::string default_locale_;
  std::map<std::string, Message, std::less<>> messages_;
};

}  // namespace kulanz::adapters
