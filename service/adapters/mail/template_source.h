// TemplateSource: the text of a mustache template with its partials put in, and where each byte is from.
//
// `{{> salutation}}` is replaced by the text of another file when the template is loaded, not when a
// letter is written: all names can then be checked at once, and a mistake in a partial is reported at
// its own file and line.
//
// Thread-safety: plain values.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kulanz::adapters {

// One thing that is wrong with the messages, for the person who wrote them.
struct TemplateProblem {
  std::string file;
  int line = 0;  // 0: the file as a whole
  std::string message;
  // "messages/late/de/body.txt:3: error: ..."
  std::string ToString() const;
  friend bool operator==(const TemplateProblem&, const TemplateProblem&) = default;
};
using TemplateProblems = std::vector<TemplateProblem>;

enum class TagKind : char {
  kVariable = 'v',   // {{name}}
  kUnescaped = '&',  // {{{name}}} or {{&name}}
  kSection = '#',
  kInverted = '^',
  kEnd = '/',
  kPartial = '>',
  kComment = '!',
  kDelimiters = '=',
};

struct TemplateTag {
  TagKind kind = TagKind::kVariable;
  std::string_view name;  // trimmed
  std::size_t begin = 0;  // of the braces in the text
  std::size_t end = 0;    // behind them
};

// All tags of `text`, in order. `unclosed`: where a tag begins that has no end, or npos.
std::vector<TemplateTag> ScanTags(std::string_view text, std::size_t& unclosed);

struct NamedText {
  std::string file;
  std::string text;
};

class TemplateSource {
 public:
  static constexpr int kDepthMax = 4;  // partials in partials; a ring ends here, too
  static constexpr std::size_t kBytesMax =
      std::size_t{256} * 1024;  // far above any mail that is not cut off

  // The text of a partial by name, or a file name with an empty text when there is none.
  using Resolve = std::function<bool(std::string_view name, NamedText& partial)>;

  TemplateSource(const NamedText& root, const Resolve& resolve, TemplateProblems& problems);

  const std::string& text() const { return text_; }
  // The problem's file and line for a position in text().
  TemplateProblem ProblemAt(std::size_t offset, std::string message) const;

 private:
  struct Origin {
    std::size_t begin;  // in text_, up to the next origin
    std::string file;
    int line;
  };
  void Expand(const NamedText& part, const Resolve& resolve, int depth, TemplateProblems& problems);

  std::string text_;
  std::vector<Origin> origins_;
};

}  // namespace kulanz::adapters
