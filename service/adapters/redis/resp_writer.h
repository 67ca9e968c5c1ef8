// RespWriter: a command in the form in which Redis reads it (RESP arrays of bulk strings).
//
//   RespWriter writer(3);
//   writer.Arg("SET").Arg(key).Arg(value);
//   Send(std::move(writer).Take());
//
// The number of arguments stands before them, so it is named first and checked at the end.
#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "service/adapters/redis/key_codec.h"
#include "service/base/check.h"

namespace kulanz::redis {

class RespWriter {
 public:
  explicit RespWriter(std::size_t args, std::size_t expected_bytes = 128) : args_left_(args) {
    bytes_.reserve(expected_bytes);
    Header('*', args);
  }
  RespWriter& Arg(std::string_view bytes) {
    Header('$', bytes.size());
    bytes_.append(bytes);
    return EndArg();
  }
  RespWriter& Integer(std::int64_t number) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    return Arg({digits.data(), static_cast<std::size_t>(end - digits.data())});
  }
  RespWriter& KeyArg(const ports::Key& key) {
    Header('$', kKeyBytes);
    AppendKey(key, bytes_);
    return EndArg();
  }
  std::string Take() && {
    KULANZ_CHECK(args_left_ == 0, "a command has the arguments that it announced");
    return std::move(bytes_);
  }

 private:
  void Header(char type, std::size_t count) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), count).ptr;
    bytes_.push_back(type);
    bytes_.append(digits.data(), end);
    bytes_.append("\r\n");
  }
  RespWriter& EndArg() {
    bytes_.append("\r\n");
    --args_left_;
    return *this;
  }

  std::string bytes_;
  std::size_t args_left_;
};

inline std::string RespCommand(std::initializer_list<std::string_view> args) {
  RespWriter writer(args.size());
  for (const std::string_view arg : args) {
    writer.Arg(arg);
  }
  return std::move(writer).Take();
}

}  // namespace kulanz::redis
