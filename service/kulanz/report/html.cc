#include "service/kulanz/report/html.h"

#include "service/cel/utf8.h"

namespace kulanz::command {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// Marks that reorder or hide the text around them.
bool IsDirectionMark(char32_t c) {
  return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

void AppendAscii(char c, std::string& out) {
  switch (c) {
    case '&':
      out += "&amp;";
      break;
    case '<':
      out += "&lt;";
      break;
    case '>':
      out += "&gt;";
      break;
    case '"':
      out += "&quot;";
      break;
    case '\'':
      out += "&#39;";
      break;
    case '\n':
    case '\t':
      out += ' ';
      break;
    default:
      if (static_cast<unsigned char>(c) < 0x20 || c == '\x7F') {
        out += kReplacement;
      } else {
        out += c;
      }
  }
}

}  // namespace

std::string Html(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  while (!text.empty()) {
    if (static_cast<unsigned char>(text.front()) < 0x80) {
      AppendAscii(text.front(), out);
      text.remove_prefix(1);
      continue;
    }
    std::size_t length = 2;
    while (length <= 4 && length <= text.size() && !cel::utf8::IsValid(text.substr(0, length))) {
      ++length;
    }
    if (length > 4 || length > text.size()) {
      out += kReplacement;
      text.remove_prefix(1);
      continue;
    }
    const char32_t code_point = cel::utf8::Front(text.substr(0, length));
    const bool is_control = code_point < 0xA0;
    if (is_control || IsDirectionMark(code_point)) {
      out += kReplacement;
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return out;
}

std::string Foreign(std::string_view text) { return "<bdi>" + Html(text) + "</bdi>"; }

std::string Element(std::string_view tag, std::string_view content, std::string_view attributes) {
  std::string out = "<" + std::string(tag);
  if (!attributes.empty()) {
    out += " " + std::string(attributes);
  }
  return out + ">" + std::string(content) + "</" + std::string(tag) + ">";
}

std::string Card(std::string_view heading, const std::string& content) {
  return Element("div", Element("h3", Html(heading)) + content, "class=\"card\"") + "\n";
}

}  // namespace kulanz::command
