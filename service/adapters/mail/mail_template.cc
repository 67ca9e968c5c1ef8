#include "service/adapters/mail/mail_template.h"

#include <algorithm>
#include <kainjow/mustache.hpp>
#include <mutex>
#include <numeric>

namespace kulanz::adapters {
namespace {

namespace mustache = kainjow::mustache;

// Walks the tags of one template and says what is wrong with them.
class TagChecker {
 public:
  TagChecker(const TemplateSource& source, const VariableDeclarations& variables,
             TemplateProblems& problems)
      : source_(source), variables_(variables), problems_(problems) {}

  void Check() {
    std::size_t unclosed = 0;
    for (const TemplateTag& tag : ScanTags(source_.text(), unclosed)) CheckTag(tag);
    for (const TemplateTag& section : open_) {
      Report(section, "section '" + std::string(section.name) + "' is never closed");
    }
  }

 private:
  void CheckTag(const TemplateTag& tag) {
    switch (tag.kind) {
      case TagKind::kVariable:
        CheckVariable(tag);
        return;
      case TagKind::kSection:
      case TagKind::kInverted:
        Find(tag);
        open_.push_back(tag);
        return;
      case TagKind::kEnd:
        CheckEnd(tag);
        return;
      case TagKind::kUnescaped:
        Report(tag, "unescaped variables are not allowed: write {{" + std::string(tag.name) + "}}");
        return;
      case TagKind::kDelimiters:
        Report(tag, "other delimiters are not allowed");
        return;
      case TagKind::kPartial:
      case TagKind::kComment:
        return;
    }
  }

  void CheckVariable(const TemplateTag& tag) {
    const VariableDeclaration* declared = Find(tag);
    if (declared == nullptr) return;
    const std::string name(tag.name);
    if (declared->is_flag) {
      Report(tag, "'" + name + "' is a yes or no: use it as {{#" + name + "}}...{{/" + name + "}}");
    } else if (declared->optional() && !IsGuarded(*declared)) {
      Report(tag,
             "'" + name + "' may be absent: put it inside {{#" + name + "}}...{{/" + name + "}}");
    }
  }

  bool IsGuarded(const VariableDeclaration& declared) const {
    return std::any_of(open_.begin(), open_.end(), [&](const TemplateTag& section) {
      const auto& guards = declared.guards;
      return section.kind == TagKind::kSection &&
             std::find(guards.begin(), guards.end(), section.name) != guards.end();
    });
  }

  void CheckEnd(const TemplateTag& tag) {
    if (open_.empty()) {
      Report(tag, "'" + std::string(tag.name) + "' is closed but was not opened");
      return;
    }
    if (open_.back().name != tag.name) {
      Report(tag, "'" + std::string(tag.name) + "' is closed while '" +
                      std::string(open_.back().name) + "' is open");
    }
    open_.pop_back();
  }

  const VariableDeclaration* Find(const TemplateTag& tag) {
    const auto found = variables_.find(tag.name);
    if (found != variables_.end()) return &found->second;
    const std::string nearest = NearestVariable(variables_, tag.name);
    Report(tag, "no variable is called '" + std::string(tag.name) + "'" +
                    (nearest.empty() ? "" : "; did you mean '" + nearest + "'?"));
    return nullptr;
  }

  void Report(const TemplateTag& tag, std::string message) {
    problems_.push_back(source_.ProblemAt(tag.begin, std::move(message)));
  }

  const TemplateSource& source_;
  const VariableDeclarations& variables_;
  TemplateProblems& problems_;
  std::vector<TemplateTag> open_;
};

std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0U);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

// "voucher.amount" becomes amount in voucher: mustache's own dotted names.
mustache::data ToData(const VariableValues& values) {
  std::map<std::string_view, mustache::data> groups;
  for (const auto& [name, value] : values) {
    const std::size_t dot = name.find('.');
    mustache::data& group = groups[std::string_view(name).substr(0, dot)];
    const std::string key = name.substr(dot + 1);
    if (const auto* flag = std::get_if<bool>(&value)) {
      group.set(key, *flag);
    } else if (const auto& text = std::get<std::string>(value); !text.empty()) {
      group.set(key, text);
    }
  }
  mustache::data root;
  for (const auto& [name, group] : groups) root.set(std::string(name), group);
  return root;
}

}  // namespace

std::string NearestVariable(const VariableDeclarations& variables, std::string_view name) {
  constexpr std::size_t kFar = 4;
  constexpr std::size_t kNameMax = 80;  // longer ones are no typing mistakes
  std::string nearest;
  std::size_t least = name.size() > kNameMax ? 0 : kFar;
  for (const auto& [candidate, declaration] : variables) {
    const std::size_t distance = least == 0 ? kFar : EditDistance(candidate, name);
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

struct MailTemplate::Impl {
  explicit Impl(const std::string& text) : parsed(text) {}
  std::mutex mutex;  // render() is not const
  mustache::mustache parsed;
};

std::unique_ptr<MailTemplate> MailTemplate::Make(const TemplateSource& source,
                                                 const VariableDeclarations& variables,
                                                 Escaping escaping, TemplateProblems& problems) {
  const std::size_t before = problems.size();
  TagChecker(source, variables, problems).Check();
  if (problems.size() != before) return nullptr;
  auto impl = std::make_unique<Impl>(source.text());
  if (!impl->parsed.is_valid()) {
    problems.push_back(source.ProblemAt(0, impl->parsed.error_message()));
    return nullptr;
  }
  if (escaping == Escaping::kNone) {
    impl->parsed.set_custom_escape([](const std::string& text) { return text; });
  }
  return std::unique_ptr<MailTemplate>(new MailTemplate(std::move(impl)));
}

MailTemplate::MailTemplate(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
MailTemplate::~MailTemplate() = default;

std::string MailTemplate::Render(const VariableValues& values) const {
  const mustache::data data = ToData(values);
  const std::lock_guard lock(impl_->mutex);
  return impl_->parsed.render(data);
}

}  // namespace kulanz::adapters
