#include "service/adapters/mail/message_attributes.h"

#include <algorithm>
#include <array>
#include <optional>
#include <sstream>

#include "service/domain/incident.h"

namespace kulanz::adapters {
namespace {

struct NamedKind {
  std::string_view name;
  AttributeKind kind;
};
constexpr std::array<NamedKind, 8> kKinds = {{
    {"text", AttributeKind::kText},
    {"number", AttributeKind::kNumber},
    {"amount", AttributeKind::kAmount},
    {"date", AttributeKind::kDate},
    {"instant", AttributeKind::kInstant},
    {"span", AttributeKind::kSpan},
    {"flag", AttributeKind::kFlag},
    {"days", AttributeKind::kDays},
}};

bool IsAttributeName(std::string_view name) {
  return !name.empty() && name.size() <= kAttributeNameBytesMax && name.front() >= 'a' &&
         name.front() <= 'z' && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         });
}

// One line's words into `attribute`; what is wrong, or empty.
std::string ParseWords(const std::vector<std::string>& words, MessageAttribute& attribute) {
  if (words.size() < 2) return "expected a name and a kind, such as: promised_at instant?";
  attribute.name = words[0];
  if (!IsAttributeName(attribute.name)) return "'" + words[0] + "' is no name of an attribute";
  std::string_view kind = words[1];
  attribute.optional = kind.ends_with('?');
  if (attribute.optional) kind.remove_suffix(1);
  const auto* found = std::find_if(kKinds.begin(), kKinds.end(),
                                   [&](const NamedKind& k) { return k.name == kind; });
  if (found == kKinds.end()) {
    return "'" + std::string(kind) +
           "' is no kind; there are text, number, amount, date, instant, span, flag and days";
  }
  attribute.kind = found->kind;
  const std::size_t expected = attribute.kind == AttributeKind::kDays ? 4 : 2;
  if (words.size() != expected) {
    return expected == 4
               ? "days counts between two attributes: days_late days? promised_at delivered_at"
               : "too much behind the kind '" + std::string(kind) + "'";
  }
  if (expected == 4) {
    attribute.from = words[2];
    attribute.to = words[3];
  }
  return {};
}

}  // namespace

std::vector<MessageAttribute> ParseMessageAttributes(const NamedText& variables_txt,
                                                     TemplateProblems& problems) {
  std::vector<MessageAttribute> attributes;
  std::istringstream lines(variables_txt.text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    std::istringstream stream(line.substr(0, line.find('#')));
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(std::move(word));
    if (words.empty()) continue;
    MessageAttribute attribute;
    std::string problem = ParseWords(words, attribute);
    const auto same = [&](const MessageAttribute& other) { return other.name == attribute.name; };
    if (problem.empty() && std::any_of(attributes.begin(), attributes.end(), same)) {
      problem = "'" + attribute.name + "' is declared twice";
    }
    if (problem.empty()) {
      attributes.push_back(std::move(attribute));
    } else {
      problems.push_back({variables_txt.file, number, std::move(problem)});
    }
  }
  return attributes;
}

VariableDeclarations DeclareVariables(const std::vector<MessageAttribute>& attributes) {
  VariableDeclarations variables = StandardVariables();
  for (const MessageAttribute& attribute : attributes) {
    const std::string name = "incident." + attribute.name;
    std::vector<std::string> forms = {name};
    if (attribute.kind == AttributeKind::kInstant) forms = {name + "_date", name + "_time"};
    VariableDeclaration declaration;
    declaration.is_flag = attribute.kind == AttributeKind::kFlag;
    if (attribute.optional && !declaration.is_flag) declaration.guards = forms;
    for (const std::string& form : forms) variables.insert_or_assign(form, declaration);
  }
  return variables;
}

}  // namespace kulanz::adapters
