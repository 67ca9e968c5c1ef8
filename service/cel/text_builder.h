// TextBuilder: a growing text in an arena, for functions that yield strings.
//
// Thread-safety: none. Failure: when the arena is exhausted further appends do nothing and Finish()
// returns the error value.
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

#include "service/cel/arena.h"
#include "service/cel/function.h"
#include "service/cel/value.h"

namespace kulanz::cel {

class TextBuilder {
 public:
  explicit TextBuilder(CallContext& context, std::size_t expected = 32) : context_(context) {
    Grow(expected);
  }

  void Append(std::string_view text) {
    if (text.size() > capacity_ - size_ && !Grow(text.size())) {
      return;
    }
    if (!text.empty()) {
      std::memcpy(data_ + size_, text.data(), text.size());
      size_ += text.size();
    }
  }
  void Append(char c) { Append(std::string_view(&c, 1)); }
  // Digits of a number, zero-padded to `width`.
  void AppendPadded(std::int64_t number, std::size_t width);

  std::string_view text() const { return {data_, size_}; }
  bool failed() const { return failed_; }
  Value Finish(Kind kind = Kind::kString) const;

 private:
  bool Grow(std::size_t more);

  CallContext& context_;
  char* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  bool failed_ = false;
};

// A copy of `text` in the arena, as a string (or bytes).
Value CopyText(CallContext& context, std::string_view text, Kind kind = Kind::kString);
// An error value whose text is put together in the arena: "no such zone: 'Mars'".
Value ErrorWith(CallContext& context, ErrorCode code, std::string_view text,
                std::string_view quoted = {});

}  // namespace kulanz::cel
