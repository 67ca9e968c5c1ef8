#include "service/adapters/mail/header_field.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "service/adapters/mail/text_safety.h"
#include "service/base/check.h"

namespace kulanz::adapters {
namespace {

constexpr std::size_t kLineMax = 76;
constexpr std::size_t kEncodedWordMax = 75;  // RFC 2047, section 2
constexpr std::string_view kQPrefix = "=?utf-8?q?";
constexpr std::string_view kBPrefix = "=?utf-8?b?";
constexpr std::string_view kSuffix = "?=";

bool IsPlainAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

// The longest run without a blank: what no fold can shorten.
std::size_t LongestToken(std::string_view text) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const char c : text) longest = std::max(longest, run = c == ' ' ? 0 : run + 1);
  return longest;
}

// May stand in a Q-encoded word anywhere, in a display name too (RFC 2047, section 5, rule 3).
bool IsQLiteral(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '!' ||
         c == '*' || c == '+' || c == '-' || c == '/';
}

std::size_t QWidth(std::string_view bytes) {
  std::size_t width = 0;
  for (const char c : bytes) {
    width += c == ' ' || IsQLiteral(c) ? std::size_t{1} : std::size_t{3};
  }
  return width;
}
constexpr std::size_t BWidth(std::size_t bytes) { return (bytes + 2) / 3 * 4; }

std::string QEncode(std::string_view bytes) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (c == ' ') {
      out += '_';
    } else if (IsQLiteral(c)) {
      out += c;
    } else {
      out += {'=', kHex[byte >> 4U], kHex[byte & 0xFU]};
    }
  }
  return out;
}

std::string BEncode(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      group = (group << 8U) | (i < count ? static_cast<std::uint8_t>(bytes[at + i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      out += i <= count ? kDigits[(group >> (18U - 6U * i)) & 0x3FU] : '=';
    }
  }
  return out;
}

// Encoded words, one to a line but for what fits behind the `column` characters that are there already.
std::string EncodedWords(std::string_view text, std::size_t column) {
  // Q reads well where most is ASCII, B is shorter where most is not: one choice for the whole value.
  const bool q = QWidth(text) <= BWidth(text.size());
  const std::string_view prefix = q ? kQPrefix : kBPrefix;
  std::string out;
  while (!text.empty()) {
    const std::size_t room = std::min(kEncodedWordMax, kLineMax - std::min(column, kLineMax)) -
                             prefix.size() - kSuffix.size();
    std::size_t taken = 0;
    std::size_t q_width = 0;
    while (taken < text.size()) {
      const std::size_t length = Utf8SequenceLength(text.substr(taken));
      KULANZ_CHECK(length > 0, "header text was checked to be UTF-8");
      q_width += QWidth(text.substr(taken, length));
      if ((q ? q_width : BWidth(taken + length)) > room) break;
      taken += length;
    }
    const std::string_view word = text.substr(0, taken);
    out.append(prefix).append(q ? QEncode(word) : BEncode(word)).append(kSuffix);
    text.remove_prefix(taken);
    column = 1;
    if (!text.empty()) out += "\r\n ";
  }
  return out;
}

// ASCII text with a line break before every blank that would otherwise stand beyond the line's end.
std::string FoldedAscii(std::string_view text, std::size_t column) {
  std::string out;
  while (!text.empty()) {
    // One token together with the blanks before it.
    const std::size_t begin = std::min(text.find_first_not_of(' '), text.size());
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    if (!out.empty() && begin > 0 && column + end > kLineMax) {
      out += "\r\n";
      column = 0;
    }
    out += text.substr(0, end);
    column += end;
    text.remove_prefix(end);
  }
  return out;
}

bool IsPhrase(std::string_view name) {
  constexpr std::string_view kSpecials = "!#$%&'*+-/=?^_`{|}~ ";
  return std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kSpecials.find(c) != std::string_view::npos;
  });
}

std::string Quoted(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

// Whether ASCII can show `text` as it is: no encoded word, no blanks that a reader would lose.
bool NeedsEncoding(std::string_view text) {
  return !IsPlainAscii(text) || text.find("=?") != std::string_view::npos ||
         text.starts_with(' ') || text.ends_with(' ') || text.find("  ") != std::string_view::npos;
}

}  // namespace

std::string UnstructuredField(std::string_view name, std::string_view value) {
  KULANZ_CHECK(IsSafeHeaderText(value), "control characters never get into a header");
  std::string out = std::string(name) + ": ";
  const bool encode = NeedsEncoding(value) || LongestToken(value) > kLineMax - out.size();
  out += encode ? EncodedWords(value, out.size()) : FoldedAscii(value, out.size());
  return out + "\r\n";
}

std::string MailboxField(std::string_view name, const Mailbox& mailbox) {
  KULANZ_CHECK(IsSafeHeaderText(mailbox.name) && IsSafeHeaderText(mailbox.address),
               "control characters never get into a header");
  std::string out = std::string(name) + ": ";
  if (mailbox.name.empty()) return out + mailbox.address + "\r\n";
  constexpr std::size_t kPlainNameMax = 60;
  if (NeedsEncoding(mailbox.name) || mailbox.name.size() > kPlainNameMax) {
    out += EncodedWords(mailbox.name, out.size());
  } else {
    out += IsPhrase(mailbox.name) ? mailbox.name : Quoted(mailbox.name);
  }
  const std::size_t line_start = out.rfind('\n') + 1;  // npos + 1 is 0
  const bool fits = out.size() - line_start + mailbox.address.size() + 3 <= kLineMax;
  return out + (fits ? " <" : "\r\n <") + mailbox.address + ">\r\n";
}

}  // namespace kulanz::adapters
