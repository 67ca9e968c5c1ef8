#include "service/kulanz/data/json.h"

#include <algorithm>

#include "service/cel/utf8.h"

namespace kulanz::command {
namespace {

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  bool Parse(Json& out) {
    if (!cel::utf8::IsValid(text_)) {
      return Fail("is not valid UTF-8");
    }
    SkipBlanks();
    if (!Value(out, 0)) {
      return false;
    }
    SkipBlanks();
    return at_ == text_.size() || Fail("has text behind its end");
  }
  std::string problem() const {
    return problem_ + " (at character " + std::to_string(failed_at_ + 1) + ")";
  }

 private:
  bool Fail(const char* what) {
    problem_ = what;
    failed_at_ = at_;
    return false;
  }
  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool Take(char c) {
    const bool is_next = at_ < text_.size() && text_[at_] == c;
    at_ += is_next ? 1U : 0U;
    return is_next;
  }
  void SkipBlanks() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }

  bool Value(Json& out, int depth) {
    if (depth > kJsonDepthMax) {
      return Fail("is nested too deeply");
    }
    const std::size_t begin = at_;
    const bool good = ValueOf(out, depth);
    out.source = text_.substr(begin, at_ - begin);
    return good;
  }

  bool ValueOf(Json& out, int depth) {
    switch (Peek()) {
      case '{':
        return Object(out, depth);
      case '[':
        return List(out, depth);
      case '"':
        out.kind = Json::Kind::kString;
        return String(out.text);
      case 't':
        return Word("true", Json::Kind::kBool, out);
      case 'f':
        return Word("false", Json::Kind::kBool, out);
      case 'n':
        return Word("null", Json::Kind::kNull, out);
      default:
        return Number(out);
    }
  }

  bool Word(std::string_view word, Json::Kind kind, Json& out) {
    if (!text_.substr(at_).starts_with(word)) {
      return Fail("has a word that is no JSON");
    }
    at_ += word.size();
    out.kind = kind;
    out.text = kind == Json::Kind::kNull ? "" : std::string(word);
    return true;
  }

  std::size_t Digits() {
    const std::size_t begin = at_;
    while (Peek() >= '0' && Peek() <= '9') {
      ++at_;
    }
    return at_ - begin;
  }

  bool Number(Json& out) {
    const std::size_t begin = at_;
    Take('-');
    const bool zero = Peek() == '0';
    const std::size_t whole = Digits();
    if (whole == 0 || (zero && whole > 1) || (Take('.') && Digits() == 0)) {
      return Fail("is no JSON value here");
    }
    if (Take('e') || Take('E')) {
      if (!Take('+')) {
        Take('-');
      }
      if (Digits() == 0) {
        return Fail("has a number without its exponent");
      }
    }
    out.kind = Json::Kind::kNumber;
    out.text = std::string(text_.substr(begin, at_ - begin));
    return true;
  }

  bool Hex4(char32_t& unit) {
    unit = 0;
    for (int i = 0; i < 4; ++i) {
      const char c = Peek();
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) {
        return Fail("has a \\u without four hexadecimal digits");
      }
      unit = unit * 16 + static_cast<char32_t>(digit);
      ++at_;
    }
    return true;
  }

  bool Escape(std::string& out) {
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const char letter = Peek();
    ++at_;
    if (const std::size_t known = kLetters.find(letter);
        letter != '\0' && known != std::string_view::npos) {
      out += kMeanings[known];
      return true;
    }
    char32_t unit = 0;
    if (letter != 'u' || !Hex4(unit)) {
      return letter == 'u' ? false : Fail("has an escape that JSON does not know");
    }
    if (unit >= 0xD800 && unit < 0xDC00) {
      char32_t low = 0;
      if (!Take('\\') || !Take('u') || !Hex4(low) || low < 0xDC00 || low > 0xDFFF) {
        return Fail("has half of a surrogate pair");
      }
      unit = 0x10000 + ((unit - 0xD800) << 10U) + (low - 0xDC00);
    }
    if (!cel::utf8::IsScalarValue(unit)) {
      return Fail("has half of a surrogate pair");
    }
    cel::utf8::Append(unit, out);
    return true;
  }

  bool String(std::string& out) {
    out.clear();
    if (!Take('"')) {
      return Fail("needs text in quotes here");
    }
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return true;
      }
      if (static_cast<unsigned char>(c) < 0x20) {
        return Fail("has a control character within text");
      }
      ++at_;
      if (c != '\\') {
        out += c;
      } else if (!Escape(out)) {
        return false;
      }
    }
    return Fail("has text whose quote is not closed");
  }

  bool List(Json& out, int depth) {
    out.kind = Json::Kind::kList;
    ++at_;
    SkipBlanks();
    if (Take(']')) {
      return true;
    }
    while (true) {
      SkipBlanks();
      if (!Value(out.items.emplace_back(), depth + 1)) {
        return false;
      }
      SkipBlanks();
      if (Take(']')) {
        return true;
      }
      if (!Take(',')) {
        return Fail("has a list that is not closed");
      }
    }
  }

  bool Object(Json& out, int depth) {
    out.kind = Json::Kind::kObject;
    ++at_;
    SkipBlanks();
    if (Take('}')) {
      return true;
    }
    while (true) {
      SkipBlanks();
      std::string key;
      if (!String(key)) {
        return false;
      }
      if (std::any_of(out.members.begin(), out.members.end(),
                      [&](const auto& member) { return member.first == key; })) {
        return Fail("has a key twice");
      }
      SkipBlanks();
      if (!Take(':')) {
        return Fail("has a key without a value");
      }
      SkipBlanks();
      out.members.emplace_back(std::move(key), Json{});
      if (!Value(out.members.back().second, depth + 1)) {
        return false;
      }
      SkipBlanks();
      if (Take('}')) {
        return true;
      }
      if (!Take(',')) {
        return Fail("has an object that is not closed");
      }
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string problem_;
  std::size_t failed_at_ = 0;
};

}  // namespace

bool ParseJson(std::string_view text, Json& out, std::string& problem) {
  Parser parser(text);
  if (parser.Parse(out)) {
    return true;
  }
  problem = parser.problem();
  return false;
}

}  // namespace kulanz::command
