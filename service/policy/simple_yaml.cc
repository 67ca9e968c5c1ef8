#include "service/policy/simple_yaml.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "service/policy/simple_yaml_text.h"
#include "service/policy/yaml_offsets.h"

namespace kulanz::policy {
namespace {

// Thrown nowhere else: a file that is not simple is given up at once, from any depth.
struct NotSimple {};

class SimpleYaml {
 public:
  SimpleYaml(const SourceFile& file, const SimpleYamlLimits& limits)
      : file_(file), text_(file.text()), limits_(limits) {}

  Node Read() {
    NextLine();
    if (indent_ != 0 || at_ == text_.size() || text_[at_] == '-') {
      GiveUp();
    }
    Node root = BlockMap(0);
    if (at_ != text_.size()) {
      GiveUp();
    }
    return root;
  }

 private:
  [[noreturn]] static void GiveUp() { throw NotSimple{}; }
  static void Require(bool is_simple) {
    if (!is_simple) {
      GiveUp();
    }
  }

  char Here() const { return at_ < text_.size() ? text_[at_] : '\n'; }
  char Ahead(std::size_t by = 1) const { return at_ + by < text_.size() ? text_[at_ + by] : '\n'; }
  static bool IsSpace(char c) { return c == ' ' || c == '\n'; }

  Node NewNode(Node::Kind kind, std::size_t position) {
    Require(++nodes_ <= limits_.nodes);
    Node node;
    node.kind = kind;
    node.span.begin = node.span.end = static_cast<std::uint32_t>(position);
    return node;
  }
  Node Scalar(std::size_t position, std::string value, bool plain) {
    Node node = NewNode(Node::Kind::kScalar, position);
    node.span = ScalarSpan(file_, position, value);
    node.text = std::move(value);
    node.plain = plain;
    return node;
  }
  Node Open(Node::Kind kind, std::size_t position) {
    Require(++depth_ <= limits_.depth);
    return NewNode(kind, position);
  }
  Node Close(Node node) {
    --depth_;
    return node;
  }

  // To the first character of the next line with content, counting its indentation; or to the end.
  void NextLine() {
    while (at_ < text_.size()) {
      const std::size_t begin = at_;
      SkipSpaces();
      if (Here() == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      }
      if (at_ == text_.size()) {
        break;
      }
      if (text_[at_] != '\n') {
        indent_ = at_ - begin;
        Require(indent_ > 0 || (text_[at_] != '%' && text_.substr(at_, 3) != "---" &&
                                text_.substr(at_, 3) != "..."));
        return;
      }
      ++at_;
    }
    indent_ = 0;
  }
  void SkipSpaces() {
    while (Here() == ' ') {
      ++at_;
    }
  }
  // After a value: only a comment may follow in its line.
  void EndLine() {
    const std::size_t end = at_;
    SkipSpaces();
    if (Here() == '#' && at_ > end) {
      at_ = std::min(text_.find('\n', at_), text_.size());
    }
    Require(Here() == '\n');
    at_ = std::min(at_ + 1, text_.size());
    NextLine();
  }

  // The length of a key here, or 0 when none begins here.
  std::size_t KeyLength() const {
    std::size_t end = at_;
    while (end < text_.size() && IsKeyCharacter(text_[end])) {
      ++end;
    }
    const bool is_key = end > at_ && (IsAlphanumeric(text_[at_]) || text_[at_] == '_') &&
                        end < text_.size() && text_[end] == ':' &&
                        (end + 1 == text_.size() || IsSpace(text_[end + 1]));
    return is_key ? end - at_ : 0;
  }
  // A key and its colon.
  Node Key(const Node& map) {
    const std::size_t length = KeyLength();
    Require(length > 0);
    std::string name(text_.substr(at_, length));
    Require(!IsNull(name) && std::none_of(map.entries.begin(), map.entries.end(),
                                          [&](const auto& e) { return e.key.text == name; }));
    Node key = Scalar(at_, std::move(name), true);
    at_ += length + 1;
    return key;
  }

  // At its first key, which stands in column `indent`. Ends at the line after.
  Node BlockMap(std::size_t indent) {
    Node map = Open(Node::Kind::kMap, at_);
    do {
      Node key = Key(map);
      SkipSpaces();
      Node value = Here() == '\n' || Here() == '#' ? ValueBelow(indent, key) : InLine(indent);
      map.entries.push_back({.key = std::move(key), .value = std::move(value)});
    } while (at_ < text_.size() && indent_ == indent);
    Require(at_ == text_.size() || indent_ < indent);
    return Close(std::move(map));
  }

  Node ValueBelow(std::size_t indent, const Node& key) {
    at_ -= Here() == '#' ? 1U : 0U;  // to the space before the comment
    EndLine();
    if (at_ < text_.size() && indent_ >= indent && Here() == '-' && Ahead() == ' ') {
      return BlockList(indent_);
    }
    if (at_ < text_.size() && indent_ > indent) {
      Require(KeyLength() > 0);
      return BlockMap(indent_);
    }
    Node nothing = NewNode(Node::Kind::kNull, at_);
    nothing.span = key.span;
    return nothing;
  }

  Node BlockList(std::size_t indent) {
    Node list = Open(Node::Kind::kList, at_);
    do {
      Require(Here() == '-' && Ahead() == ' ');
      const std::size_t dash = at_++;
      SkipSpaces();
      Require(Here() != '\n' && Here() != '#' && Here() != '-');
      const std::size_t inner = indent + (at_ - dash);
      list.items.push_back(KeyLength() > 0 ? BlockMap(inner) : InLine(indent));
    } while (at_ < text_.size() && indent_ == indent && Here() == '-');
    Require(at_ == text_.size() || indent_ <= indent);
    return Close(std::move(list));
  }

  // A value that begins in the line of its key or dash. `indent`: of the collection it belongs to.
  Node InLine(std::size_t indent) {
    const char first = Here();
    if (first == '|' || first == '>') {
      return Block(indent);
    }
    if (first != '"' && first != '\'' && first != '{' && first != '[') {
      return Plain(indent);
    }
    Node node = first == '"' || first == '\'' ? Quoted() : Flow(indent);
    EndLine();
    return node;
  }

  Node Quoted() {
    const std::size_t begin = at_;
    const char quote = text_[at_++];
    std::string value;
    while (Here() != quote || (quote == '\'' && Ahead() == '\'')) {
      Require(Here() != '\n');
      if (Here() == '\\' && quote == '"') {
        Require(Ahead() == '"' || Ahead() == '\\');
        ++at_;
      } else if (Here() == quote) {
        ++at_;
      }
      value.push_back(text_[at_++]);
    }
    ++at_;
    return Scalar(begin, std::move(value), false);
  }

  // Where plain text in this line ends; it may not contain what others take for a mapping.
  std::size_t EndOfPlain() const {
    std::size_t end = at_;
    while (end < text_.size() && text_[end] != '\n') {
      Require(text_[end] != ':' || (end + 1 < text_.size() && !IsSpace(text_[end + 1])));
      if (text_[end] == '#' && text_[end - 1] == ' ') {
        break;
      }
      ++end;
    }
    return end;
  }
  static std::string_view Trimmed(std::string_view text) {
    return text.substr(0, text.find_last_not_of(' ') + 1);
  }

  // In one line, or in several that stand deeper than the key and have nothing between them.
  Node Plain(std::size_t indent) {
    const std::size_t begin = at_;
    Require(MayBegin(Here()) || (Here() == '-' && IsAlphanumeric(Ahead())));
    std::string value;
    while (true) {
      const std::size_t end = EndOfPlain();
      const bool has_comment = end < text_.size() && text_[end] == '#';
      value.append(Trimmed(text_.substr(at_, end - at_)));
      const std::size_t next = std::min(text_.find('\n', end), text_.size()) + 1;
      at_ = has_comment ? end - 1 : end;
      EndLine();
      if (at_ == text_.size() || indent_ <= indent) {
        break;
      }
      Require(!has_comment && at_ - indent_ == next);
      Require(MayBegin(Here()) || Here() == '&' || Here() == '|' || Here() == '!');
      value.push_back(' ');
    }
    Require(!IsNull(value));
    return Scalar(begin, std::move(value), true);
  }

  // A block without blank lines at its beginning; folded (>) only when its lines are simply joined.
  Node Block(std::size_t indent) {
    const std::size_t begin = at_;
    const bool folded = text_[at_++] == '>';
    const bool strip = Here() == '-';
    at_ += strip ? 1U : 0U;
    Require(Here() == '\n' && at_ < text_.size());
    ++at_;
    const std::size_t depth = CountSpaces(at_);
    Require(depth > indent);
    std::string value;
    std::size_t blank_lines = 0;
    while (at_ < text_.size()) {
      const std::size_t spaces = CountSpaces(at_);
      const std::size_t end = text_.find('\n', at_);
      Require(end != std::string_view::npos);
      if (at_ + spaces == end) {
        Require(spaces == 0 && at_ != begin);
        ++blank_lines;
      } else if (spaces < depth) {
        break;
      } else {
        Require(!folded || (blank_lines == 0 && spaces == depth && text_[end - 1] != ' '));
        value.append(value.empty() ? 0U : 1U, folded ? ' ' : '\n').append(blank_lines, '\n');
        value.append(text_.substr(at_ + depth, end - at_ - depth));
        blank_lines = 0;
      }
      at_ = end + 1;
    }
    Require(!value.empty());
    value.append(strip ? 0U : 1U, '\n');
    NextLine();
    Require(at_ == text_.size() || indent_ <= indent);
    return Scalar(begin, std::move(value), false);
  }
  std::size_t CountSpaces(std::size_t from) const {
    return std::min(text_.find_first_not_of(' ', from), text_.size()) - from;
  }

  // At '{' or '['. Further lines stand deeper than the collection it belongs to.
  Node Flow(std::size_t indent) {
    const bool is_map = text_[at_] == '{';
    const char close = is_map ? '}' : ']';
    Node node = Open(is_map ? Node::Kind::kMap : Node::Kind::kList, at_++);
    SkipFlow(indent);
    if (Here() != close) {
      while (true) {
        if (is_map) {
          Node key = Key(node);
          SkipFlow(indent);
          node.entries.push_back({.key = std::move(key), .value = InFlow(indent)});
        } else {
          node.items.push_back(InFlow(indent));
        }
        SkipFlow(indent);
        if (Here() == close) {
          break;
        }
        Require(Here() == ',');
        ++at_;
        SkipFlow(indent);
      }
    }
    ++at_;
    return Close(std::move(node));
  }
  void SkipFlow(std::size_t indent) {
    SkipSpaces();
    while (at_ < text_.size() && text_[at_] == '\n') {
      ++at_;
      const std::size_t spaces = CountSpaces(at_);
      at_ += spaces;
      Require(spaces > indent && Here() != '\n');
    }
    Require(at_ < text_.size());
  }
  Node InFlow(std::size_t indent) {
    const char first = Here();
    if (first == '"' || first == '\'') {
      return Quoted();
    }
    if (first == '{' || first == '[') {
      return Flow(indent);
    }
    const std::size_t begin = at_;
    Require(MayBegin(first) || (first == '-' && IsAlphanumeric(Ahead())));
    while (Here() != ',' && Here() != ']' && Here() != '}' && Here() != '\n') {
      const char c = Here();
      const char next = Ahead();
      Require(c != '?' && c != '[' && c != '{' && (c != '#' || text_[at_ - 1] != ' '));
      Require(c != ':' || (!IsSpace(next) && next != ',' && next != ']' && next != '}'));
      ++at_;
    }
    std::string value(Trimmed(text_.substr(begin, at_ - begin)));
    Require(!IsNull(value));
    return Scalar(begin, std::move(value), true);
  }

  const SourceFile& file_;
  std::string_view text_;
  const SimpleYamlLimits& limits_;
  std::size_t at_ = 0;
  std::size_t indent_ = 0;  // of the line at_ stands in, when at_ is at its first character
  int depth_ = 0;
  std::size_t nodes_ = 0;
};

}  // namespace

std::optional<Node> ReadSimpleYaml(const SourceFile& file, const SimpleYamlLimits& limits) {
  if (HasOddWhiteSpace(file.text())) {
    return std::nullopt;
  }
  try {
    return SimpleYaml(file, limits).Read();
  } catch (const NotSimple&) {
    return std::nullopt;
  }
}

}  // namespace kulanz::policy
