#include "tests/conformance/json.h"

#include "service/cel/utf8.h"

namespace kulanz::conformance {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  std::optional<Json> Document() {
    Json json;
    if (!Value(json, 0)) {
      return std::nullopt;
    }
    SkipBlanks();
    return rest_.empty() ? std::optional<Json>(std::move(json)) : std::nullopt;
  }

 private:
  static constexpr int kMaxDepth = 200;

  void SkipBlanks() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
  }
  bool Take(std::string_view word) {
    if (!rest_.starts_with(word)) {
      return false;
    }
    rest_.remove_prefix(word.size());
    return true;
  }
  bool Value(Json& json, int depth);
  bool Array(Json& json, int depth);
  bool Object(Json& json, int depth);
  bool String(std::string& out);
  bool Escape(std::string& out);
  bool Hex(char32_t& code);

  std::string_view rest_;
};

bool Reader::Value(Json& json, int depth) {
  SkipBlanks();
  if (depth > kMaxDepth || rest_.empty()) {
    return false;
  }
  switch (rest_.front()) {
    case '{':
      return Object(json, depth);
    case '[':
      return Array(json, depth);
    case '"':
      json.kind = Json::Kind::kString;
      return String(json.text);
    case 't':
    case 'f':
      json.kind = Json::Kind::kBool;
      json.boolean = rest_.front() == 't';
      return Take(json.boolean ? "true" : "false");
    case 'n':
      return Take("null");
    default: {
      const std::size_t end = std::min(rest_.find_first_not_of("+-0123456789.eE"), rest_.size());
      json.kind = Json::Kind::kNumber;
      json.text = rest_.substr(0, end);
      rest_.remove_prefix(end);
      return end > 0;
    }
  }
}

bool Reader::Array(Json& json, int depth) {
  json.kind = Json::Kind::kArray;
  rest_.remove_prefix(1);
  SkipBlanks();
  if (Take("]")) {
    return true;
  }
  do {
    if (!Value(json.items.emplace_back(), depth + 1)) {
      return false;
    }
    SkipBlanks();
  } while (Take(","));
  return Take("]");
}

bool Reader::Object(Json& json, int depth) {
  json.kind = Json::Kind::kObject;
  rest_.remove_prefix(1);
  SkipBlanks();
  if (Take("}")) {
    return true;
  }
  do {
    SkipBlanks();
    std::string name;
    if (!String(name)) {
      return false;
    }
    SkipBlanks();
    if (!Take(":") || !Value(json.fields[name], depth + 1)) {
      return false;
    }
    SkipBlanks();
  } while (Take(","));
  return Take("}");
}

bool Reader::String(std::string& out) {
  if (!Take("\"")) {
    return false;
  }
  while (!rest_.empty() && rest_.front() != '"') {
    if (rest_.front() == '\\') {
      rest_.remove_prefix(1);
      if (!Escape(out)) {
        return false;
      }
    } else {
      out += rest_.front();
      rest_.remove_prefix(1);
    }
  }
  return Take("\"");
}

bool Reader::Hex(char32_t& code) {
  if (rest_.size() < 4) {
    return false;
  }
  code = 0;
  for (int i = 0; i < 4; ++i) {
    const std::size_t digit = std::string_view("0123456789abcdef").find(rest_.front() | 0x20);
    if (digit == std::string_view::npos) {
      return false;
    }
    code = code * 16 + static_cast<char32_t>(digit);
    rest_.remove_prefix(1);
  }
  return true;
}

bool Reader::Escape(std::string& out) {
  if (rest_.empty()) {
    return false;
  }
  static constexpr std::string_view kNames = "bfnrt\"\\/";
  static constexpr std::string_view kMeanings = "\b\f\n\r\t\"\\/";
  const char c = rest_.front();
  rest_.remove_prefix(1);
  if (const std::size_t at = kNames.find(c); at != std::string_view::npos) {
    out += kMeanings[at];
    return true;
  }
  char32_t code = 0;
  if (c != 'u' || !Hex(code)) {
    return false;
  }
  if (code >= 0xD800 && code < 0xDC00) {
    char32_t low = 0;
    if (!Take("\\u") || !Hex(low) || low < 0xDC00 || low > 0xDFFF) {
      return false;
    }
    code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
  }
  cel::utf8::Append(code, out);
  return true;
}

}  // namespace

const Json& Json::operator[](std::string_view name) const {
  static const Json null;
  const auto found = fields.find(name);
  return found == fields.end() ? null : found->second;
}

std::optional<Json> ParseJson(std::string_view text) { return Reader(text).Document(); }

std::string QuoteJson(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += kHex[byte >> 4U];
      out += kHex[byte & 15U];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace kulanz::conformance
