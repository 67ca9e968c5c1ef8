#include "service/kulanz/explain/parts.h"

#include <algorithm>
#include <array>

namespace kulanz::command {
namespace {

constexpr std::size_t kPartsMax = 200;
constexpr int kRoundsShown = 4;

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         (static_cast<unsigned char>(c) & 0x80U) != 0;
}

// The text with what stands in quotes taken out.
std::string WithoutLiterals(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '"' && text[i] != '\'') {
      out += text[i];
      continue;
    }
    const char quote = text[i];
    for (++i; i < text.size() && text[i] != quote; ++i) {
      i += text[i] == '\\' ? 1U : 0U;
    }
  }
  return out;
}

// Whether a part says nothing that its text does not: literals, and functions of literals like eur(5.00).
bool IsConstant(std::string_view part) {
  constexpr std::array<std::string_view, 4> kWords = {"true", "false", "null", "in"};
  const std::string text = WithoutLiterals(part);
  for (std::size_t i = 0; i < text.size();) {
    if (!IsWordByte(text[i])) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && IsWordByte(text[end])) {
      ++end;
    }
    const std::string_view word = std::string_view(text).substr(i, end - i);
    const bool is_number = word.front() >= '0' && word.front() <= '9';
    const bool is_function = end < text.size() && text[end] == '(';
    if (!is_number && !is_function &&
        std::find(kWords.begin(), kWords.end(), word) == kWords.end()) {
      return false;
    }
    i = end;
  }
  return true;
}

}  // namespace

std::string OneLine(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool blank = c == '\n' || c == '\r' || c == '\t' || c == ' ';
    if (!blank) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  out.erase(out.find_last_not_of(' ') + 1);
  return out;
}

void PartsObserver::OnValue(cel::TextSpan span, const cel::Value& value) {
  const bool is_whole = span.begin == 0 && span.end == text_.size();
  if (span.end <= span.begin || span.end > text_.size() || is_whole) {
    return;
  }
  const auto key = std::pair(span.begin, -static_cast<std::int64_t>(span.end));
  const auto seen = seen_.find(key);
  if (seen == seen_.end()) {
    if (seen_.size() < kPartsMax && !IsConstant(text_.substr(span.begin, span.end - span.begin))) {
      seen_.emplace(key, Seen{.values = ValueText(value), .count = 1});
    }
    return;
  }
  if (seen->second.count++ < kRoundsShown) {
    seen->second.values += ", " + ValueText(value);
  } else if (seen->second.count == kRoundsShown + 1) {
    seen->second.values += ", ...";
  }
}

std::vector<ExpressionPart> PartsObserver::Take() const {
  std::vector<ExpressionPart> parts;
  std::vector<std::int64_t> open;  // ends of the parts around the next one
  for (const auto& [key, seen] : seen_) {
    const std::int64_t begin = key.first;
    const std::int64_t end = -key.second;
    while (!open.empty() && open.back() <= begin) {
      open.pop_back();
    }
    const auto from = static_cast<std::size_t>(begin);
    parts.push_back({.depth = static_cast<int>(open.size()),
                     .text = OneLine(text_.substr(from, static_cast<std::size_t>(end - begin))),
                     .value = seen.values});
    open.push_back(end);
  }
  return parts;
}

}  // namespace kulanz::command
