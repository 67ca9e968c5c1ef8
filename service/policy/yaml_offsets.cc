#include "service/policy/yaml_offsets.h"

#include <algorithm>
#include <string_view>

namespace kulanz::policy {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Walks through the scalar's text and the file side by side. All that YAML changes between the two is
// white space (folding, indentation) and, in quotes, escapes; so every other byte matches in order.
class Aligner {
 public:
  Aligner(std::string_view source, const Node& scalar) : source_(source), at_(scalar.span.begin) {
    const char first = at_ < source_.size() ? source_[at_] : '\0';
    if (scalar.plain || (first != '"' && first != '\'' && first != '|' && first != '>')) {
      return;
    }
    if (first == '"' || first == '\'') {
      quote_ = first;
      ++at_;
    } else {  // the header of a block, "|-", ends with its line
      at_ = std::min(source_.find('\n', at_), source_.size());
    }
  }

  // The place of the text's next byte, `c`; moves behind it.
  std::size_t Take(char c) {
    if (IsBlank(c)) {
      const std::size_t here = at_;
      at_ +=
          AtEscape() ? EscapeLength() : (at_ < source_.size() && IsBlank(source_[at_]) ? 1U : 0U);
      return here;
    }
    SkipBlank();
    const std::size_t here = at_;
    if (escape_left_ > 0) {  // a further byte of the character that an escape stands for
      if (--escape_left_ == 0) {
        at_ += escape_length_;
      }
      return here;
    }
    if (AtEscape()) {
      const std::size_t length = EscapeLength();
      escape_left_ = SequenceLength(c) - 1;
      escape_length_ = length;
      at_ += escape_left_ == 0 ? length : 0;
    } else if (quote_ == '\'' && source_.substr(at_, 2) == "''") {
      at_ += 2;
    } else if (at_ < source_.size()) {
      ++at_;
    }
    return here;
  }

 private:
  static std::size_t SequenceLength(char first) {
    const auto byte = static_cast<unsigned char>(first);
    return byte < 0xC0U ? 1 : byte < 0xE0U ? 2 : byte < 0xF0U ? 3 : 4;
  }
  bool AtEscape() const {
    return quote_ == '"' && at_ + 1 < source_.size() && source_[at_] == '\\';
  }
  std::size_t EscapeLength() const {
    const char kind = source_[at_ + 1];
    const std::size_t length = kind == 'x' ? 4 : kind == 'u' ? 6 : kind == 'U' ? 10 : 2;
    return std::min(length, source_.size() - at_);
  }
  void SkipBlank() {
    while (escape_left_ == 0 && at_ < source_.size()) {
      if (IsBlank(source_[at_])) {
        ++at_;
      } else if (AtEscape() && (source_[at_ + 1] == '\n' || source_[at_ + 1] == '\r')) {
        at_ += 2;  // a line that goes on
      } else {
        return;
      }
    }
  }

  std::string_view source_;
  std::size_t at_;
  char quote_ = '\0';
  std::size_t escape_left_ = 0;
  std::size_t escape_length_ = 0;
};

// The end of the quoted scalar that begins at `begin`.
std::size_t EndOfQuoted(std::string_view text, std::size_t begin) {
  const char quote = text[begin];
  for (std::size_t i = begin + 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      if (quote == '\'' && i + 1 < text.size() && text[i + 1] == '\'') {
        ++i;
      } else {
        return i + 1;
      }
    }
  }
  return text.size();
}

}  // namespace

TextSpan ScalarSpan(const SourceFile& file, std::size_t position, std::string_view value) {
  const std::string_view text = file.text();
  const auto begin = static_cast<std::uint32_t>(std::min(position, text.size()));
  TextSpan span{.begin = begin, .end = begin};
  if (text.substr(span.begin, value.size()) == value && !value.empty()) {
    span.end = span.begin + static_cast<std::uint32_t>(value.size());
  } else if (span.begin < text.size() && (text[span.begin] == '"' || text[span.begin] == '\'')) {
    span.end = static_cast<std::uint32_t>(EndOfQuoted(text, span.begin));
  } else {  // a block, or plain text over several lines: what stands in its first line
    span.end = static_cast<std::uint32_t>(std::min(text.find('\n', span.begin), text.size()));
  }
  return span;
}

TextSpan LocateInScalar(const SourceFile& file, const Node& scalar, TextSpan within) {
  const std::string& text = scalar.text;
  const std::size_t size = text.size();
  const std::size_t begin = std::min<std::size_t>(within.begin, size);
  const std::size_t last =
      std::max(begin, std::min<std::size_t>(std::max<std::uint32_t>(within.end, 1) - 1, size));
  Aligner aligner(file.text(), scalar);
  std::size_t first_place = scalar.span.begin;
  std::size_t last_place = scalar.span.begin;
  for (std::size_t i = 0; i <= last; ++i) {
    // Behind the end: the place after the last byte.
    const std::size_t place =
        i < size ? aligner.Take(text[i]) : (size == 0 ? scalar.span.begin : last_place + 1);
    if (i == begin) {
      first_place = place;
    }
    last_place = place;
  }
  const std::size_t end = within.end > within.begin ? last_place + 1 : first_place;
  const auto limit = static_cast<std::uint32_t>(file.text().size());
  return {.begin = std::min(static_cast<std::uint32_t>(first_place), limit),
          .end = std::min(static_cast<std::uint32_t>(end), limit)};
}

}  // namespace kulanz::policy
