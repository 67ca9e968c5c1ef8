#include <algorithm>

#include "service/cel/library.h"
#include "service/cel/pattern.h"
#include "service/cel/text_builder.h"
#include "service/cel/utf8.h"

namespace kulanz::cel {
namespace {

Value IndexOutOfRange() { return Value::Error(ErrorCode::kIndexOutOfRange); }

// A code point index of `text` as a byte offset; nothing outside 0 .. count.
std::optional<std::size_t> OffsetOf(std::string_view text, std::int64_t index) {
  if (index < 0 || static_cast<std::uint64_t>(index) > utf8::Count(text)) {
    return std::nullopt;
  }
  return utf8::ByteOffset(text, static_cast<std::size_t>(index));
}
Value IndexAt(std::string_view text, std::size_t offset) {
  return offset == std::string_view::npos
             ? Value::Int(-1)
             : Value::Int(static_cast<std::int64_t>(utf8::Count(text.substr(0, offset))));
}

Value Contains(CallContext&, const Value* args) {
  return Value::Bool(args[0].as_string().find(args[1].as_string()) != std::string_view::npos);
}
Value StartsWith(CallContext&, const Value* args) {
  return Value::Bool(args[0].as_string().starts_with(args[1].as_string()));
}
Value EndsWith(CallContext&, const Value* args) {
  return Value::Bool(args[0].as_string().ends_with(args[1].as_string()));
}

Value CharAt(CallContext&, const Value* args) {
  const std::string_view text = args[0].as_string();
  const std::optional<std::size_t> offset = OffsetOf(text, args[1].as_int());
  if (!offset) {
    return IndexOutOfRange();
  }
  return Value::String(*offset == text.size()
                           ? std::string_view()
                           : text.substr(*offset, utf8::LengthOf(text[*offset])));
}

Value IndexOf(CallContext&, const Value* args) {
  const std::string_view text = args[0].as_string();
  return IndexAt(text, text.find(args[1].as_string()));
}
Value IndexOfFrom(CallContext&, const Value* args) {
  const std::string_view text = args[0].as_string();
  const std::optional<std::size_t> from = OffsetOf(text, args[2].as_int());
  return from ? IndexAt(text, text.find(args[1].as_string(), *from)) : IndexOutOfRange();
}
Value LastIndexOf(CallContext&, const Value* args) {
  const std::string_view text = args[0].as_string();
  return IndexAt(text, text.rfind(args[1].as_string()));
}
Value LastIndexOfFrom(CallContext&, const Value* args) {
  const std::string_view text = args[0].as_string();
  const std::optional<std::size_t> from = OffsetOf(text, args[2].as_int());
  return from ? IndexAt(text, text.rfind(args[1].as_string(), *from)) : IndexOutOfRange();
}

Value Substring(const Value& text_value, std::int64_t begin, std::int64_t end) {
  const std::string_view text = text_value.as_string();
  const std::optional<std::size_t> from = OffsetOf(text, begin);
  const std::optional<std::size_t> to = OffsetOf(text, end);
  if (!from || !to || begin > end) {
    return IndexOutOfRange();
  }
  return Value::String(text.substr(*from, *to - *from));
}
Value SubstringFrom(CallContext&, const Value* args) {
  return Substring(args[0], args[1].as_int(),
                   static_cast<std::int64_t>(utf8::Count(args[0].as_string())));
}
Value SubstringBetween(CallContext&, const Value* args) {
  return Substring(args[0], args[1].as_int(), args[2].as_int());
}

template <char from, char to>
Value ShiftCase(CallContext& context, const Value* args) {
  const std::string_view text = args[0].as_string();
  TextBuilder builder(context, text.size());
  for (const char c : text) {
    builder.Append(c >= from && c <= from + 25 ? static_cast<char>(c - from + to) : c);
  }
  return builder.Finish();
}

// Unicode's White_Space property.
bool IsSpace(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}
Value Trim(CallContext&, const Value* args) {
  std::string_view text = args[0].as_string();
  while (!text.empty() && IsSpace(utf8::Front(text))) {
    text.remove_prefix(utf8::LengthOf(text.front()));
  }
  std::size_t end = 0;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t next = i + utf8::LengthOf(text[i]);
    if (!IsSpace(utf8::Front(text.substr(i)))) {
      end = next;
    }
    i = next;
  }
  return Value::String(text.substr(0, end));
}

Value Reverse(CallContext& context, const Value* args) {
  const std::string_view text = args[0].as_string();
  TextBuilder builder(context, text.size());
  for (std::size_t end = text.size(); end > 0;) {
    std::size_t begin = end - 1;
    while (begin > 0 && utf8::IsContinuation(text[begin])) {
      --begin;
    }
    builder.Append(text.substr(begin, end - begin));
    end = begin;
  }
  return builder.Finish();
}

// At most `limit` times; negative: always. An empty `old` stands before each code point and at the end.
Value ReplaceText(CallContext& context, const Value* args, std::int64_t limit) {
  const std::string_view text = args[0].as_string();
  const std::string_view old_text = args[1].as_string();
  const std::string_view new_text = args[2].as_string();
  TextBuilder builder(context, text.size());
  std::size_t position = 0;
  while (limit != 0) {
    if (!context.Spend(1)) {
      return Value::Error(ErrorCode::kTooManySteps);
    }
    if (old_text.empty()) {
      builder.Append(new_text);
      --limit;
      if (position == text.size()) {
        return builder.Finish();
      }
      const std::size_t length = utf8::LengthOf(text[position]);
      builder.Append(text.substr(position, length));
      position += length;
      continue;
    }
    const std::size_t found = text.find(old_text, position);
    if (found == std::string_view::npos) {
      break;
    }
    builder.Append(text.substr(position, found - position));
    builder.Append(new_text);
    position = found + old_text.size();
    --limit;
  }
  builder.Append(text.substr(position));
  return builder.Finish();
}
Value ReplaceAll(CallContext& context, const Value* args) { return ReplaceText(context, args, -1); }
Value ReplaceSome(CallContext& context, const Value* args) {
  return ReplaceText(context, args, args[3].as_int());
}

// At most `limit` pieces; negative: all.
Value SplitText(CallContext& context, const Value* args, std::int64_t limit) {
  const std::string_view text = args[0].as_string();
  const std::string_view separator = args[1].as_string();
  const std::size_t most = separator.empty() ? std::max<std::size_t>(text.size(), 1)
                                             : text.size() / separator.size() + 1;
  const std::size_t room = limit < 0 ? most : std::min(most, static_cast<std::size_t>(limit));
  if (!context.Spend(static_cast<std::int64_t>(room / 16))) {
    return Value::Error(ErrorCode::kTooManySteps);
  }
  Value* const pieces = context.arena().AllocateArray<Value>(room);
  if (pieces == nullptr) {
    return Value::Error(ErrorCode::kTooMuchMemory);
  }
  std::size_t count = 0;
  std::size_t position = 0;
  while (count < room) {
    const bool last = count + 1 == room && limit >= 0;
    std::size_t end = std::string_view::npos;
    if (!last && separator.empty()) {
      end = position < text.size() ? position + utf8::LengthOf(text[position]) : text.size();
      end = end == text.size() ? std::string_view::npos : end;
    } else if (!last) {
      end = text.find(separator, position);
    }
    if (separator.empty() && text.empty()) {
      break;  // no characters, no pieces
    }
    pieces[count++] = Value::String(text.substr(position, end - position));
    if (end == std::string_view::npos) {
      break;
    }
    position = end + separator.size();
  }
  return Value::List({pieces, count});
}
Value SplitAll(CallContext& context, const Value* args) { return SplitText(context, args, -1); }
Value SplitSome(CallContext& context, const Value* args) {
  return SplitText(context, args, args[2].as_int());
}

Value JoinTexts(CallContext& context, std::span<const Value> items, std::string_view separator) {
  TextBuilder builder(context);
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].kind() != Kind::kString) {
      return Value::Error(ErrorCode::kNoSuchOverload, "join() takes a list of strings");
    }
    builder.Append(i == 0 ? std::string_view() : separator);
    builder.Append(items[i].as_string());
  }
  return builder.Finish();
}
Value Join(CallContext& context, const Value* args) {
  return JoinTexts(context, args[0].as_list(), {});
}
Value JoinWith(CallContext& context, const Value* args) {
  return JoinTexts(context, args[0].as_list(), args[1].as_string());
}

}  // namespace

void AddStrings(Library& library) {
  const Type& s = Type::String();
  const Type& i = Type::Int();
  const Type& b = Type::Bool();
  const Type texts = Type::List(s);
  library.AddMethod("contains", "contains_string", {s, s}, b, &Contains);
  library.AddMethod("startsWith", "starts_with_string", {s, s}, b, &StartsWith);
  library.AddMethod("endsWith", "ends_with_string", {s, s}, b, &EndsWith);
  library.Add("matches", "matches", {s, s}, b, &Matches);
  library.AddMethod("matches", "matches_string", {s, s}, b, &Matches);
  library.AddMethod("charAt", "string_char_at_int", {s, i}, s, &CharAt);
  library.AddMethod("indexOf", "string_index_of_string", {s, s}, i, &IndexOf);
  library.AddMethod("indexOf", "string_index_of_string_int", {s, s, i}, i, &IndexOfFrom);
  library.AddMethod("lastIndexOf", "string_last_index_of_string", {s, s}, i, &LastIndexOf);
  library.AddMethod("lastIndexOf", "string_last_index_of_string_int", {s, s, i}, i,
                    &LastIndexOfFrom);
  library.AddMethod("substring", "string_substring_int", {s, i}, s, &SubstringFrom);
  library.AddMethod("substring", "string_substring_int_int", {s, i, i}, s, &SubstringBetween);
  library.AddMethod("lowerAscii", "string_lower_ascii", {s}, s, &ShiftCase<'A', 'a'>);
  library.AddMethod("upperAscii", "string_upper_ascii", {s}, s, &ShiftCase<'a', 'A'>);
  library.AddMethod("trim", "string_trim", {s}, s, &Trim);
  library.AddMethod("reverse", "string_reverse", {s}, s, &Reverse);
  library.AddMethod("replace", "string_replace_string_string", {s, s, s}, s, &ReplaceAll);
  library.AddMethod("replace", "string_replace_string_string_int", {s, s, s, i}, s, &ReplaceSome);
  library.AddMethod("split", "string_split_string", {s, s}, texts, &SplitAll);
  library.AddMethod("split", "string_split_string_int", {s, s, i}, texts, &SplitSome);
  library.AddMethod("join", "list_join", {texts}, s, &Join);
  library.AddMethod("join", "list_join_string", {texts, s}, s, &JoinWith);
}

}  // namespace kulanz::cel
