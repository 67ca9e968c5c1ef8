// JsonWriter: JSON for programs that read what the command says, on one line.
//
//   JsonWriter json;
//   json.BeginObject().Field("errors", 2).Key("files").BeginArray().Value("a.yaml").EndArray().EndObject();
//
// The caller closes what it opens. Text that is no UTF-8 is written as '?'. Thread-safety: none.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace kulanz::command {

class JsonWriter {
 public:
  JsonWriter& BeginObject() { return Open('{'); }
  JsonWriter& EndObject() { return Close('}'); }
  JsonWriter& BeginArray() { return Open('['); }
  JsonWriter& EndArray() { return Close(']'); }
  JsonWriter& Key(std::string_view key);
  JsonWriter& Value(std::string_view text);
  JsonWriter& Value(const char* text) { return Value(std::string_view(text)); }
  JsonWriter& Value(bool value) { return Raw(value ? "true" : "false"); }
  JsonWriter& Null() { return Raw("null"); }
  template <std::integral T>
  JsonWriter& Value(T number) {
    return Raw(std::to_string(number));
  }
  // A number as text that JSON knows: "12.50".
  JsonWriter& Raw(std::string_view number);
  template <typename T>
  JsonWriter& Field(std::string_view key, const T& value) {
    return Key(key).Value(value);
  }

  // Everything so far, with a line break.
  std::string Line() const { return text_ + "\n"; }

 private:
  JsonWriter& Open(char bracket);
  JsonWriter& Close(char bracket);
  void Separate();
  void Quote(std::string_view text);

  std::string text_;
  bool is_first_ = true;  // nothing stands before the next value in its object or array
  bool after_key_ = false;
};

}  // namespace kulanz::command
