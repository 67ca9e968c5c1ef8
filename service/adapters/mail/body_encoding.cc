#include "service/adapters/mail/body_encoding.h"

#include <algorithm>
#include <cstdint>

namespace kulanz::adapters {
namespace {

// The first line of `text`, which is moved behind it.
std::string_view TakeLine(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

// Columns: code points are near enough.
std::size_t Columns(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<std::uint8_t>(c) & 0xC0U) != 0x80U;
  }));
}

bool MustEncode(std::string_view line, std::size_t at) {
  const char c = line[at];
  const bool last = at + 1 == line.size();
  if (c == ' ' || c == '\t') return last;
  if (at == 0 && (c == '.' || line.starts_with("From "))) return true;
  return c < '!' || c > '~' || c == '=';
}

void AppendQuotedPrintableLine(std::string& out, std::string_view line) {
  constexpr std::size_t kLineMax = 76;
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::size_t column = 0;
  for (std::size_t at = 0; at < line.size(); ++at) {
    const auto byte = static_cast<std::uint8_t>(line[at]);
    const bool encode = MustEncode(line, at);
    const std::size_t width = encode ? 3 : 1;
    // A soft break needs a column for its '='; what ends the line does not.
    const std::size_t limit = at + 1 == line.size() ? kLineMax : kLineMax - 1;
    if (column + width > limit) {
      out += "=\r\n";
      column = 0;
    }
    if (encode) {
      out += {'=', kHex[byte >> 4U], kHex[byte & 0xFU]};
    } else {
      out += line[at];
    }
    column += width;
  }
  out += "\r\n";
}

std::string_view WithoutTrailingBlanks(std::string_view line) {
  const std::size_t last = line.find_last_not_of(" \t\r");
  return line.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

// One line of the wire, stuffed where a reader would take it for a quote or for stuffing.
void AppendFlowedLine(std::string& out, std::string_view line) {
  if (line.starts_with(' ') || line.starts_with('>') || line.starts_with("From ")) out += ' ';
  out += line;
  out += '\n';
}

void AppendFlowedParagraph(std::string& out, std::string_view paragraph) {
  constexpr std::size_t kColumnsMax = 72;
  while (Columns(paragraph) > kColumnsMax) {
    // The last blank that keeps the line short enough, else the first there is. Indentation is no place.
    std::size_t cut = std::string_view::npos;
    std::size_t from = std::min(paragraph.find_first_not_of(' '), paragraph.size());
    while ((from = paragraph.find(' ', from)) != std::string_view::npos) {
      if (cut != std::string_view::npos && Columns(paragraph.substr(0, from)) > kColumnsMax - 1)
        break;
      cut = from++;
    }
    if (cut == std::string_view::npos) break;
    AppendFlowedLine(out, paragraph.substr(0, cut + 1));
    paragraph.remove_prefix(cut + 1);
  }
  AppendFlowedLine(out, paragraph);
}

}  // namespace

std::string QuotedPrintable(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  while (!text.empty()) AppendQuotedPrintableLine(out, TakeLine(text));
  return out;
}

std::string Flowed(std::string_view text) {
  std::string out;
  bool after_empty = true;  // no empty lines at the beginning either
  while (!text.empty()) {
    const std::string_view line = TakeLine(text);
    if (line == "-- ") {  // the signature's separator is the one line that keeps its blank
      out += "-- \n";
      continue;
    }
    const std::string_view paragraph = WithoutTrailingBlanks(line);
    if (paragraph.empty() && after_empty) continue;
    after_empty = paragraph.empty();
    AppendFlowedParagraph(out, paragraph);
  }
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

}  // namespace kulanz::adapters
