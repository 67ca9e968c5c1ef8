#include "service/cel/text_builder.h"

#include <algorithm>
#include <charconv>

namespace kulanz::cel {

bool TextBuilder::Grow(std::size_t more) {
  if (failed_ || !context_.Spend(static_cast<std::int64_t>(more / 4096))) {
    failed_ = true;
    return false;
  }
  const std::size_t capacity = std::max(capacity_ * 2, size_ + more);
  char* const data = context_.arena().AllocateArray<char>(capacity);
  if (data == nullptr) {
    failed_ = true;
    return false;
  }
  if (size_ > 0) {
    std::memcpy(data, data_, size_);
  }
  data_ = data;
  capacity_ = capacity;
  return true;
}

void TextBuilder::AppendPadded(std::int64_t number, std::size_t width) {
  if (width == 2 && number >= 0 && number < 100) {  // most of a date and a time
    const char two[] = {static_cast<char>('0' + number / 10), static_cast<char>('0' + number % 10)};
    Append(std::string_view(two, 2));
    return;
  }
  char digits[24];
  const auto [end, error] = std::to_chars(std::begin(digits), std::end(digits), number);
  const auto count = static_cast<std::size_t>(end - digits);
  for (std::size_t i = count; i < width; ++i) {
    Append('0');
  }
  Append(std::string_view(digits, count));
}

Value TextBuilder::Finish(Kind kind) const {
  if (failed_) {
    return Value::Error(ErrorCode::kTooMuchMemory);
  }
  return kind == Kind::kBytes ? Value::Bytes(text()) : Value::String(text());
}

Value CopyText(CallContext& context, std::string_view text, Kind kind) {
  TextBuilder builder(context, text.size());
  builder.Append(text);
  return builder.Finish(kind);
}

Value ErrorWith(CallContext& context, ErrorCode code, std::string_view text,
                std::string_view quoted) {
  constexpr std::size_t kMaxQuoted = 80;  // an error text is read by people
  TextBuilder builder(context, text.size() + std::min(quoted.size(), kMaxQuoted) + 8);
  builder.Append(text);
  if (!quoted.empty()) {
    builder.Append(": '");
    builder.Append(quoted.substr(0, kMaxQuoted));
    builder.Append('\'');
  }
  builder.Append('\0');
  return builder.failed() ? Value::Error(code) : Value::Error(code, builder.text().data());
}

}  // namespace kulanz::cel
