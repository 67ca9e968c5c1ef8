#include "service/kulanz/terminal/json_writer.h"

#include <array>
#include <cstdio>
#include <utility>

#include "service/cel/utf8.h"

namespace kulanz::command {

JsonWriter& JsonWriter::Key(std::string_view key) {
  Separate();
  Quote(key);
  text_ += ": ";
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::Value(std::string_view text) {
  Separate();
  Quote(text);
  return *this;
}

JsonWriter& JsonWriter::Raw(std::string_view number) {
  Separate();
  text_ += number;
  return *this;
}

JsonWriter& JsonWriter::Open(char bracket) {
  Separate();
  text_ += bracket;
  is_first_ = true;
  return *this;
}

JsonWriter& JsonWriter::Close(char bracket) {
  text_ += bracket;
  is_first_ = false;
  return *this;
}

void JsonWriter::Separate() {
  if (!std::exchange(after_key_, false) && !std::exchange(is_first_, false)) {
    text_ += ", ";
  }
  is_first_ = false;
}

void JsonWriter::Quote(std::string_view text) {
  text_ += '"';
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const std::size_t length = cel::utf8::LengthOf(text[i]);
    if (byte == '"' || byte == '\\') {
      text_.append({'\\', text[i]});
      ++i;
    } else if (byte == '\n') {
      text_ += "\\n";
      ++i;
    } else if (byte < 0x20U) {
      std::array<char, 8> escape{};
      static_cast<void>(std::snprintf(escape.data(), escape.size(), "\\u%04x", unsigned{byte}));
      text_ += escape.data();
      ++i;
    } else if (cel::utf8::IsValid(text.substr(i, length))) {
      text_ += text.substr(i, length);
      i += length;
    } else {
      text_ += '?';
      ++i;
    }
  }
  text_ += '"';
}

}  // namespace kulanz::command
