#include <algorithm>
#include <charconv>
#include <cmath>

#include "service/cel/debug_text.h"
#include "service/cel/library.h"
#include "service/cel/number_text.h"
#include "service/cel/text_builder.h"

namespace kulanz::cel {
namespace {

// C's and RE2's own bound for such things; more digits than a double has carry no information.
constexpr int kMaxPrecision = 1000;
constexpr int kDefaultPrecision = 6;

// One run of text.format(args).
class Formatter {
 public:
  Formatter(CallContext& context, std::string_view text, std::span<const Value> args)
      : context_(context), text_(text), args_(args), out_(context, text.size() + 16) {}

  Value Run();

 private:
  // After '%'. False with error_ set.
  bool Clause();
  bool Verb(char verb, const Value& value, int precision);
  bool Real(const Value& value, int precision, std::chars_format format, std::string_view clause);
  bool Whole(const Value& value, int base, bool upper, std::string_view clause);
  bool Hex(const Value& value, bool upper);
  bool Digits(const Value& value, int base, bool upper);
  bool Fail(std::string_view why, const Value& value) { return Fail(why, KindName(value.kind())); }
  bool Fail(std::string_view why, std::string_view what) {
    error_ = ErrorWith(context_, ErrorCode::kInvalidArgument, why, what);
    return false;
  }

  CallContext& context_;
  std::string_view text_;
  std::span<const Value> args_;
  TextBuilder out_;
  std::size_t position_ = 0;
  std::size_t next_arg_ = 0;
  Value error_;
};

Value Formatter::Run() {
  while (position_ < text_.size()) {
    const std::size_t percent = std::min(text_.find('%', position_), text_.size());
    out_.Append(text_.substr(position_, percent - position_));
    position_ = percent + 1;
    if (percent < text_.size() && !Clause()) {
      return error_;
    }
  }
  return out_.Finish();
}

bool Formatter::Clause() {
  if (position_ < text_.size() && text_[position_] == '%') {
    out_.Append('%');
    ++position_;
    return true;
  }
  int precision = kDefaultPrecision;
  if (position_ < text_.size() && text_[position_] == '.') {
    const char* const begin = text_.data() + position_ + 1;
    const char* const end = text_.data() + text_.size();
    const auto [stop, error] = std::from_chars(begin, end, precision);
    if (stop == begin || error != std::errc() || precision < 0 || precision > kMaxPrecision) {
      return Fail("format() needs a precision of 0 to 1000 after '%.'", std::string_view());
    }
    position_ = static_cast<std::size_t>(stop - text_.data());
  }
  if (position_ >= text_.size()) {
    return Fail("format() needs a letter after '%'", std::string_view());
  }
  const char verb = text_[position_++];
  if (next_arg_ >= args_.size()) {
    return Fail("format() has fewer values than its text asks for", std::string_view());
  }
  return Verb(verb, args_[next_arg_++], precision);
}

bool Formatter::Verb(char verb, const Value& value, int precision) {
  switch (verb) {
    case 's':
      return AppendFormatted(value, out_) ||
             Fail("format() cannot write such a value with %s", value);
    case 'd':
      if (value.kind() == Kind::kDouble &&
          (std::isnan(value.as_double()) || std::isinf(value.as_double()))) {
        AppendDouble(value.as_double(), out_);
        return true;
      }
      if (value.kind() == Kind::kDecimal) {
        return AppendFormatted(value, out_);
      }
      return Whole(value, 10, false, "%d writes whole numbers");
    case 'b':
      if (value.kind() == Kind::kBool) {
        out_.Append(value.as_bool() ? '1' : '0');
        return true;
      }
      return Whole(value, 2, false, "%b writes whole numbers and bools");
    case 'o':
      return Whole(value, 8, false, "%o writes whole numbers");
    case 'x':
    case 'X':
      return Hex(value, verb == 'X');
    case 'f':
      return Real(value, precision, std::chars_format::fixed, "%f writes numbers");
    case 'e':
      return Real(value, precision, std::chars_format::scientific, "%e writes numbers");
    default:
      return Fail("format() has no such letter after '%'", std::string_view(&verb, 1));
  }
}

bool Formatter::Digits(const Value& value, int base, bool upper) {
  char digits[72];
  const auto [end, error] =
      value.kind() == Kind::kInt
          ? std::to_chars(std::begin(digits), std::end(digits), value.as_int(), base)
          : std::to_chars(std::begin(digits), std::end(digits), value.as_uint(), base);
  for (const char* c = digits; c != end; ++c) {
    out_.Append(upper && *c >= 'a' && *c <= 'f' ? static_cast<char>(*c - 'a' + 'A') : *c);
  }
  return true;
}

bool Formatter::Whole(const Value& value, int base, bool upper, std::string_view clause) {
  if (value.kind() != Kind::kInt && value.kind() != Kind::kUint) {
    return Fail(clause, value);
  }
  return Digits(value, base, upper);
}

bool Formatter::Hex(const Value& value, bool upper) {
  if (value.kind() != Kind::kString && value.kind() != Kind::kBytes) {
    return Whole(value, 16, upper, "%x writes whole numbers, strings and bytes");
  }
  const std::string_view digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  for (const char c : value.as_string()) {
    const auto byte = static_cast<unsigned char>(c);
    out_.Append(digits[byte >> 4U]);
    out_.Append(digits[byte & 15U]);
  }
  return true;
}

bool Formatter::Real(const Value& value, int precision, std::chars_format format,
                     std::string_view clause) {
  double number = 0;
  switch (value.kind()) {
    case Kind::kDouble:
      number = value.as_double();
      break;
    case Kind::kInt:
      number = static_cast<double>(value.as_int());
      break;
    case Kind::kUint:
      number = static_cast<double>(value.as_uint());
      break;
    default:
      return Fail(clause, value);
  }
  if (std::isnan(number) || std::isinf(number)) {
    AppendDouble(number, out_);
    return true;
  }
  // The largest double has 309 digits before the dot.
  char digits[kMaxPrecision + 320];
  const auto [end, error] =
      std::to_chars(std::begin(digits), std::end(digits), number, format, precision);
  out_.Append(std::string_view(digits, static_cast<std::size_t>(end - digits)));
  return true;
}

Value Format(CallContext& context, const Value* args) {
  return Formatter(context, args[0].as_string(), args[1].as_list()).Run();
}

Value Quote(CallContext& context, const Value* args) {
  TextBuilder builder(context, args[0].size() + 2);
  AppendQuoted(args[0].as_string(), builder);
  return builder.Finish();
}

}  // namespace

void AddFormat(Library& library) {
  library.AddMethod("format", "string_format", {Type::String(), Type::List(Type::Dyn())},
                    Type::String(), &Format);
  library.Add("strings.quote", "strings_quote", {Type::String()}, Type::String(), &Quote);
}

}  // namespace kulanz::cel
