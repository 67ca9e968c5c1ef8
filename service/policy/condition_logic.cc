#include "service/policy/condition_logic.h"

#include <algorithm>
#include <array>
#include <utility>

namespace kulanz::policy {
namespace {

using Relation = ConditionPart::Relation;

// Goes through a text and tells what stands outside of quotes and brackets.
class Scanner {
 public:
  // Whether `c` is in quotes, or in brackets of any kind.
  bool IsInside(char c) {
    if (quote_ != '\0') {
      quote_ =
          !std::exchange(is_escaped_, c == '\\' && !is_escaped_) && c == quote_ ? '\0' : quote_;
      return true;
    }
    if (c == '"' || c == '\'') {
      quote_ = c;
      return true;
    }
    const bool opens = c == '(' || c == '[' || c == '{';
    const bool closes = c == ')' || c == ']' || c == '}';
    depth_ += opens ? 1 : closes ? -1 : 0;
    return depth_ > 0 || closes;
  }
  bool is_quoted() const { return quote_ != '\0'; }

 private:
  char quote_ = '\0';
  bool is_escaped_ = false;
  int depth_ = 0;
};

// Without blanks outside of quotes; nothing when there is a comment, whose end is hard to tell. Words stay
// apart where a blank stood between them.
std::optional<std::string> Compact(std::string_view text) {
  const auto is_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  std::string out;
  Scanner scanner;
  bool had_blank = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool was_quoted = scanner.is_quoted();
    scanner.IsInside(c);
    if (!was_quoted && (c == ' ' || c == '\n' || c == '\t' || c == '\r')) {
      had_blank = true;
      continue;
    }
    if (!was_quoted && c == '/' && i + 1 < text.size() && text[i + 1] == '/') {
      return std::nullopt;
    }
    if (had_blank && !out.empty() && is_word(out.back()) && is_word(c)) {
      out += ' ';
    }
    had_blank = false;
    out += c;
  }
  return out;
}

// The first place of `token` outside of quotes and brackets.
std::size_t FindOutside(std::string_view text, std::string_view token) {
  const std::size_t first = text.find(token);  // quick, and most texts have none
  if (first == std::string_view::npos) {
    return first;
  }
  Scanner scanner;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool inside = scanner.IsInside(text[i]);
    if (!inside && i >= first && text.substr(i).starts_with(token)) {
      return i;
    }
  }
  return std::string_view::npos;
}

bool HasOutside(std::string_view text, std::string_view token) {
  return FindOutside(text, token) != std::string_view::npos;
}

// "7", "-1.5", "eur(5.00)", "hours(12)": a unit and a number.
bool ParseBound(std::string_view text, ConditionPart& part) {
  const std::size_t open = text.find('(');
  if (open != std::string_view::npos) {
    if (!text.ends_with(')') || open == 0) {
      return false;
    }
    part.unit = text.substr(0, open);
    text = text.substr(open + 1, text.size() - open - 2);
    const bool is_word = std::all_of(part.unit.begin(), part.unit.end(),
                                     [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
    if (!is_word) {
      return false;
    }
  }
  const std::optional<Decimal> bound = Decimal::Parse(text);
  part.bound = bound.value_or(Decimal());
  return bound.has_value();
}

bool IsLiteral(std::string_view text) {
  const bool is_quoted = text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
                         text.back() == text.front() &&
                         text.substr(1, text.size() - 2).find(text.front()) == text.npos;
  return is_quoted || Decimal::Parse(text).has_value() || text == "true" || text == "false";
}

// Literals compare by their text, so one kind of quotes is enough.
std::string Unquoted(std::string_view text) {
  std::string out(text);
  std::replace(out.begin(), out.end(), '\'', '"');
  return out;
}

// `["a","b"]`
bool ParseValues(std::string_view list, std::vector<std::string>& values) {
  if (!list.starts_with('[') || !list.ends_with(']')) {
    return false;
  }
  list = list.substr(1, list.size() - 2);
  while (!list.empty()) {
    const std::size_t comma = std::min(FindOutside(list, ","), list.size());
    if (!IsLiteral(list.substr(0, comma))) {
      return false;
    }
    values.push_back(Unquoted(list.substr(0, comma)));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return !values.empty();
}

ConditionPart ParsePart(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, Relation>, 6> kOperators = {
      {{">=", Relation::kAtLeast},
       {"<=", Relation::kAtMost},
       {"==", Relation::kOneOf},
       {">", Relation::kAbove},
       {"<", Relation::kBelow},
       {" in[", Relation::kOneOf}}};
  ConditionPart part{
      .text = std::string(text), .subject = {}, .unit = {}, .bound = {}, .values = {}};
  for (const auto& [token, relation] : kOperators) {
    const std::size_t at = token == " in[" ? text.find(token) : FindOutside(text, token);
    if (at == std::string_view::npos || at == 0) {
      continue;
    }
    const std::string_view right = text.substr(at + (token == " in[" ? 3 : token.size()));
    bool is_read = false;
    if (token == " in[") {
      is_read = ParseValues(right, part.values);
    } else if (relation == Relation::kOneOf) {
      is_read = IsLiteral(right);
      part.values = {Unquoted(right)};
    } else {
      is_read = ParseBound(right, part);
    }
    if (is_read) {
      part.relation = relation;
      part.subject = text.substr(0, at);
    }
    return part;
  }
  return part;
}

bool IsOrdered(Relation relation) {
  return relation != Relation::kOpaque && relation != Relation::kOneOf;
}
bool IsLowerBound(Relation relation) {
  return relation == Relation::kAtLeast || relation == Relation::kAbove;
}

bool PartImplies(const ConditionPart& a, const ConditionPart& b) {
  if (a.text == b.text) {
    return true;
  }
  if (a.relation == Relation::kOpaque || b.relation == Relation::kOpaque ||
      a.subject != b.subject) {
    return false;
  }
  if (a.relation == Relation::kOneOf && b.relation == Relation::kOneOf) {
    return std::all_of(a.values.begin(), a.values.end(), [&b](const std::string& value) {
      return std::find(b.values.begin(), b.values.end(), value) != b.values.end();
    });
  }
  if (!IsOrdered(a.relation) || !IsOrdered(b.relation) || a.unit != b.unit ||
      IsLowerBound(a.relation) != IsLowerBound(b.relation)) {
    return false;
  }
  const bool b_is_strict = b.relation == Relation::kAbove || b.relation == Relation::kBelow;
  const bool a_is_strict = a.relation == Relation::kAbove || a.relation == Relation::kBelow;
  if (a.bound == b.bound) {
    return a_is_strict || !b_is_strict;
  }
  return IsLowerBound(a.relation) ? a.bound > b.bound : a.bound < b.bound;
}

bool PartsContradict(const ConditionPart& a, const ConditionPart& b) {
  if (a.text == "!" + b.text || b.text == "!" + a.text) {
    return true;
  }
  if (a.subject != b.subject || a.subject.empty()) {
    return false;
  }
  if (a.relation == Relation::kOneOf && b.relation == Relation::kOneOf) {
    return std::none_of(a.values.begin(), a.values.end(), [&b](const std::string& value) {
      return std::find(b.values.begin(), b.values.end(), value) != b.values.end();
    });
  }
  if (!IsOrdered(a.relation) || !IsOrdered(b.relation) || a.unit != b.unit ||
      IsLowerBound(a.relation) == IsLowerBound(b.relation)) {
    return false;
  }
  const ConditionPart& low = IsLowerBound(a.relation) ? a : b;
  const ConditionPart& high = IsLowerBound(a.relation) ? b : a;
  const bool both_include =
      low.relation == Relation::kAtLeast && high.relation == Relation::kAtMost;
  return low.bound > high.bound || (low.bound == high.bound && !both_include);
}

}  // namespace

Condition ParseCondition(std::string_view text) {
  const std::optional<std::string> compact = Compact(text);
  if (!compact) {
    return {{.text = std::string(text), .subject = {}, .unit = {}, .bound = {}, .values = {}}};
  }
  if (HasOutside(*compact, "||") || HasOutside(*compact, "?")) {
    return {{.text = *compact, .subject = {}, .unit = {}, .bound = {}, .values = {}}};
  }
  Condition parts;
  std::string_view rest = *compact;
  while (!rest.empty()) {
    const std::size_t end = std::min(FindOutside(rest, "&&"), rest.size());
    parts.push_back(ParsePart(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 2, rest.size()));
  }
  return parts;
}

bool Implies(const Condition& stronger, const Condition& weaker) {
  return std::all_of(weaker.begin(), weaker.end(), [&stronger](const ConditionPart& wanted) {
    return std::any_of(stronger.begin(), stronger.end(), [&wanted](const ConditionPart& given) {
      return PartImplies(given, wanted);
    });
  });
}

bool Contradict(const Condition& a, const Condition& b) {
  return std::any_of(a.begin(), a.end(), [&b](const ConditionPart& one) {
    return std::any_of(b.begin(), b.end(),
                       [&one](const ConditionPart& other) { return PartsContradict(one, other); });
  });
}

}  // namespace kulanz::policy
