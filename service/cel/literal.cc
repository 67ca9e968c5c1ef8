#include "service/cel/literal.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "service/cel/utf8.h"

namespace kulanz::cel {
namespace {

// The magnitude of "12" or "0xC".
std::optional<std::uint64_t> ParseMagnitude(std::string_view text) {
  int base = 10;
  if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
    base = 16;
    text.remove_prefix(2);
  }
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, base);
  if (error != std::errc() || stop != end) {
    return std::nullopt;
  }
  return value;
}

// Resolves the escapes of one literal.
class Unescaper {
 public:
  Unescaper(std::string_view body, bool is_bytes) : body_(body), is_bytes_(is_bytes) {}

  // False with error() set.
  bool Run(std::string& out);
  std::string_view error() const { return error_; }
  std::size_t error_position() const { return escape_; }

 private:
  bool Escape(std::string& out);
  bool Number(std::size_t digits, unsigned base, char32_t& value);
  bool AppendCodePoint(char32_t code_point, std::string& out);
  bool Fail(std::string_view why) {
    error_ = why;
    return false;
  }

  std::string_view body_;
  bool is_bytes_;
  std::size_t position_ = 0;
  std::size_t escape_ = 0;
  std::string_view error_;
};

bool Unescaper::Run(std::string& out) {
  while (position_ < body_.size()) {
    if (body_[position_] == '\\') {
      escape_ = position_++;
      if (!Escape(out)) {
        return false;
      }
    } else {
      out += body_[position_++];
    }
  }
  return true;
}

bool Unescaper::Number(std::size_t digits, unsigned base, char32_t& value) {
  value = 0;
  for (std::size_t i = 0; i < digits; ++i, ++position_) {
    if (position_ >= body_.size()) {
      return Fail("the escape is too short");
    }
    const char c = body_[position_];
    const unsigned digit = c >= '0' && c <= '9'   ? static_cast<unsigned>(c - '0')
                           : c >= 'a' && c <= 'f' ? static_cast<unsigned>(c - 'a') + 10U
                           : c >= 'A' && c <= 'F' ? static_cast<unsigned>(c - 'A') + 10U
                                                  : 99U;
    if (digit >= base) {
      return Fail("the escape is too short");
    }
    value = value * base + digit;
  }
  return true;
}

bool Unescaper::AppendCodePoint(char32_t code_point, std::string& out) {
  if (!utf8::IsScalarValue(code_point)) {
    return Fail("the escape stands for no Unicode character");
  }
  utf8::Append(code_point, out);
  return true;
}

bool Unescaper::Escape(std::string& out) {
  static constexpr std::string_view kNames = "abfnrtv\\'\"`?";
  static constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\'\"`?";
  if (position_ >= body_.size()) {
    return Fail("the escape is too short");
  }
  const char c = body_[position_];
  if (const std::size_t known = kNames.find(c); known != std::string_view::npos) {
    out += kMeanings[known];
    ++position_;
    return true;
  }
  char32_t value = 0;
  if (c >= '0' && c <= '3') {
    if (!Number(3, 8, value)) {
      return false;
    }
  } else if (c == 'x' || c == 'X') {
    ++position_;
    if (!Number(2, 16, value)) {
      return false;
    }
  } else if ((c == 'u' || c == 'U') && !is_bytes_) {
    ++position_;
    return Number(c == 'u' ? 4 : 8, 16, value) && AppendCodePoint(value, out);
  } else {
    return Fail(is_bytes_ && (c == 'u' || c == 'U') ? "bytes have no \\u escapes"
                                                    : "there is no such escape");
  }
  if (is_bytes_) {
    out += static_cast<char>(static_cast<unsigned char>(value));
    return true;
  }
  return AppendCodePoint(value, out);
}

}  // namespace

std::optional<std::int64_t> ParseIntLiteral(std::string_view text, bool negative) {
  const std::optional<std::uint64_t> magnitude = ParseMagnitude(text);
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!magnitude || *magnitude > kMax + (negative ? 1U : 0U)) {
    return std::nullopt;
  }
  // Unsigned negation is right for the smallest int64 too.
  return static_cast<std::int64_t>(negative ? 0U - *magnitude : *magnitude);
}

std::optional<std::uint64_t> ParseUintLiteral(std::string_view text) {
  return ParseMagnitude(text.substr(0, text.size() - 1));
}

std::optional<double> ParseDoubleLiteral(std::string_view text) {
  // from_chars wants a digit before the dot.
  const std::string with_digit = text.front() == '.' ? "0" + std::string(text) : std::string(text);
  double value = 0;
  const char* const end = with_digit.data() + with_digit.size();
  const auto [stop, error] = std::from_chars(with_digit.data(), end, value);
  if (stop != end && error == std::errc()) {
    return std::nullopt;
  }
  if (error == std::errc::result_out_of_range) {
    // Too small is as good as zero; too large is an error. The exponent's sign tells which.
    return text.find("e-") != std::string_view::npos || text.find("E-") != std::string_view::npos
               ? std::optional<double>(0.0)
               : std::nullopt;
  }
  if (error != std::errc() || std::isinf(value)) {
    return std::nullopt;
  }
  return value;
}

Unquoted Unquote(std::string_view token, bool is_bytes) {
  bool raw = false;
  std::size_t prefix = 0;
  while (prefix < token.size() && token[prefix] != '"' && token[prefix] != '\'') {
    raw = raw || token[prefix] == 'r' || token[prefix] == 'R';
    ++prefix;
  }
  std::string_view body = token.substr(prefix);
  const bool triple = body.size() >= 6 && body[1] == body[0] && body[2] == body[0];
  const std::size_t quotes = triple ? 3 : 1;
  body = body.substr(quotes, body.size() - 2 * quotes);
  if (raw) {
    return {std::string(body), {}, 0};
  }
  std::string content;
  content.reserve(body.size());
  Unescaper unescaper(body, is_bytes);
  if (!unescaper.Run(content)) {
    return {std::nullopt, unescaper.error(),
            static_cast<std::uint32_t>(prefix + quotes + unescaper.error_position())};
  }
  return {std::move(content), {}, 0};
}

}  // namespace kulanz::cel
