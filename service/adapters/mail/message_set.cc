#include "service/adapters/mail/message_set.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "service/adapters/mail/formats.h"

namespace kulanz::adapters {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kShared = "shared";
constexpr std::size_t kUnsubscribeUrlBytesMax = 500;

// "de-CH" -> "de"; empty at the end.
std::string WiderLocale(const std::string& locale) {
  const std::size_t dash = locale.rfind('-');
  return dash == std::string::npos ? std::string{} : locale.substr(0, dash);
}

std::vector<std::string> SubfoldersOf(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    std::string name = entry->path().filename().string();
    if (name.front() != '.' && entry->is_directory(error)) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

// Reads one folder of messages and gathers what is wrong with it.
class Reader {
 public:
  Reader(fs::path folder, TemplateProblems& problems)
      : folder_(std::move(folder)), problems_(problems) {}

  Message ReadMessage(const std::string& name, const std::string& default_locale) {
    Message message;
    NamedText variables;
    if (Read(name + "/variables.txt", variables)) {
      message.attributes = ParseMessageAttributes(variables, problems_);
    }
    if (NamedText url; Read(name + "/unsubscribe.txt", url)) {
      message.unsubscribe = ReadUnsubscribe(name + "/unsubscribe.txt", std::move(url));
    }
    const VariableDeclarations declared = DeclareVariables(message.attributes);
    for (const std::string& locale : SubfoldersOf(folder_ / name)) {
      if (CanonicalLocale(locale) != locale) {
        Report(fs::path(name) / locale, "the folder's name is no locale such as de or de-CH");
        continue;
      }
      message.locales.emplace(locale, ReadLocale(name, locale, declared));
    }
    if (!message.locales.contains(default_locale)) {
      Report(name, "has no folder '" + default_locale + "', the default language");
    }
    return message;
  }

 private:
  // One line, one https URL; what it names is percent-encoded when a letter is written.
  std::unique_ptr<MailTemplate> ReadUnsubscribe(const std::string& path, NamedText url) {
    static const VariableDeclarations declared = {{"customer.id", {}}, {"mail.id", {}}};
    while (url.text.ends_with('\n')) url.text.pop_back();
    const bool printable = std::all_of(url.text.begin(), url.text.end(), [](char c) {
      return c > ' ' && c < '\x7f' && c != '<' && c != '>' && c != '"';
    });
    if (!url.text.starts_with("https://") || !printable ||
        url.text.size() > kUnsubscribeUrlBytesMax) {
      Report(path, "must be one https:// URL in ASCII of at most 500 bytes, without spaces");
      return nullptr;
    }
    const std::size_t before = problems_.size();
    const TemplateSource source(
        url, [](std::string_view, NamedText&) { return false; }, problems_);
    if (problems_.size() != before) return nullptr;
    return MailTemplate::Make(source, declared, Escaping::kNone, problems_);
  }

  LocalizedMessage ReadLocale(const std::string& name, const std::string& locale,
                              const VariableDeclarations& declared) {
    VariableDeclarations in_subject = declared;
    in_subject.erase("mail.subject");
    const std::string path = name + "/" + locale + "/";
    LocalizedMessage message;
    message.locale = locale;
    message.subject = ReadTemplate(path + "subject.txt", locale, in_subject);
    message.text = ReadTemplate(path + "body.txt", locale, declared);
    message.html = ReadTemplate(path + "body.html", locale, declared);
    return message;
  }

  std::unique_ptr<MailTemplate> ReadTemplate(const std::string& path, const std::string& locale,
                                             const VariableDeclarations& declared) {
    NamedText root;
    if (!Read(path, root)) {
      Report(path, "is missing");
      return nullptr;
    }
    const bool html = path.ends_with(".html");
    const auto resolve = [&](std::string_view name, NamedText& partial) {
      return FindPartial(std::string(name), locale, html, partial);
    };
    const std::size_t before = problems_.size();
    const TemplateSource source(root, resolve, problems_);
    if (problems_.size() != before) return nullptr;
    return MailTemplate::Make(source, declared, html ? Escaping::kHtml : Escaping::kNone,
                              problems_);
  }

  // The nearest in language first; an HTML body may use a partial that is plain text.
  bool FindPartial(const std::string& name, const std::string& locale, bool html,
                   NamedText& partial) {
    const bool plain_name = std::all_of(name.begin(), name.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
    if (!plain_name || name.empty()) return false;
    const fs::path base = kShared;
    for (std::string in = locale;; in = WiderLocale(in)) {
      const std::string path = (base / in / name).string();
      if (html && Read(path + ".html", partial)) return true;
      if (Read(path + ".txt", partial)) return true;
      if (in.empty()) return false;
    }
  }

  // False when there is no such file.
  bool Read(const std::string& path, NamedText& out) {
    std::ifstream file(folder_ / path, std::ios::binary);
    if (!file) return false;
    out.file = (folder_ / path).string();
    out.text.assign(std::istreambuf_iterator<char>(file), {});
    out.text.erase(std::remove(out.text.begin(), out.text.end(), '\r'), out.text.end());
    if (out.text.size() > TemplateSource::kBytesMax) {
      Report(path, "is larger than 256 KiB");
      out.text.clear();
    }
    return true;
  }

  void Report(const fs::path& path, std::string message) {
    problems_.push_back({(folder_ / path).string(), 0, std::move(message)});
  }

  const fs::path folder_;
  TemplateProblems& problems_;
};

// By place; a partial that several messages include reports its mistake once.
void Tidy(TemplateProblems& problems) {
  const auto place = [](const TemplateProblem& p) { return std::tie(p.file, p.line, p.message); };
  std::sort(problems.begin(), problems.end(),
            [&](const auto& a, const auto& b) { return place(a) < place(b); });
  problems.erase(std::unique(problems.begin(), problems.end()), problems.end());
}

}  // namespace

std::shared_ptr<const MessageSet> MessageSet::Load(const std::string& folder,
                                                   const std::string& default_locale,
                                                   TemplateProblems& problems) {
  const std::size_t before = problems.size();
  std::error_code error;
  if (!fs::is_directory(folder, error)) problems.push_back({folder, 0, "there is no such folder"});
  if (CanonicalLocale(default_locale) != default_locale || default_locale.empty()) {
    problems.push_back({folder, 0, "'" + default_locale + "' cannot be the default language"});
  }
  if (problems.size() != before) return nullptr;
  const std::shared_ptr<MessageSet> set(new MessageSet());
  set->default_locale_ = default_locale;
  Reader reader(folder, problems);
  for (const std::string& name : SubfoldersOf(folder)) {
    if (name == kShared) continue;
    if (set->messages_.size() == kMessagesMax) {
      problems.push_back({folder, 0, "more than 500 messages"});
      break;
    }
    set->messages_.emplace(name, reader.ReadMessage(name, default_locale));
  }
  if (problems.size() != before) {
    Tidy(problems);
    return nullptr;
  }
  return set;
}

const Message* MessageSet::Find(std::string_view name) const {
  const auto found = messages_.find(name);
  return found == messages_.end() ? nullptr : &found->second;
}

const LocalizedMessage& MessageSet::In(const Message& message, const std::string& locale) const {
  for (std::string in = locale; !in.empty(); in = WiderLocale(in)) {
    const auto found = message.locales.find(in);
    if (found != message.locales.end()) return found->second;
  }
  return message.locales.at(default_locale_);
}

std::vector<std::string> MessageSet::names() const {
  std::vector<std::string> names;
  for (const auto& [name, message] : messages_) names.push_back(name);
  return names;
}

}  // namespace kulanz::adapters
