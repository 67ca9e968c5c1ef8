#include "service/policy/yaml_problem.h"

#include <algorithm>
#include <optional>

namespace kulanz::policy {
namespace {

// yaml-cpp's terse texts, said for a person.
YamlProblem Translate(TextSpan span, std::string_view message) {
  const auto has = [message](std::string_view part) {
    return message.find(part) != std::string_view::npos;
  };
  if (has("illegal map value")) {
    return {span, "':' is not expected here", "put text that contains ': ' in quotes"};
  }
  if (has("end of map not found")) {
    return {span, "this line fits neither the mapping above nor a new one",
            "check its indentation, and that each key ends with ':'"};
  }
  if (has("end of map flow not found")) {
    return {span, "a '{' is not closed",
            "add '}' (and put expressions that contain ',' or '}' in quotes)"};
  }
  if (has("end of sequence flow not found")) {
    return {span, "a '[' is not closed",
            "add ']' (and put expressions that contain ',' or ']' in quotes)"};
  }
  if (has("end of sequence not found")) {
    return {span, "this line does not belong to the list above", "check its indentation"};
  }
  if (has("illegal EOF in scalar")) {
    return {span, "a quote is not closed", "add the closing quote"};
  }
  if (has("unknown token")) {
    return {span, "no value can begin with this character", "put the text in quotes"};
  }
  return {span, "this is no valid YAML: " + std::string(message), ""};
}

struct Line {
  std::uint32_t begin = 0;  // in the file
  std::string_view text;    // without what stands before it
  std::size_t indent = 0;
};

Line LineAt(const SourceFile& file, int number) {
  const std::string_view whole = file.Line(number);
  const std::size_t indent = std::min(whole.find_first_not_of(" \t"), whole.size());
  const auto begin = static_cast<std::uint32_t>(whole.data() - file.text().data());
  return {begin, whole.substr(indent), indent};
}

// The line above `number` that is neither empty nor a comment.
std::optional<Line> LineAbove(const SourceFile& file, int number) {
  while (--number > 0) {
    const Line line = LineAt(file, number);
    if (!line.text.empty() && line.text.front() != '#') {
      return line;
    }
  }
  return std::nullopt;
}

TextSpan SpanOf(const Line& line) {
  const auto begin = line.begin + static_cast<std::uint32_t>(line.indent);
  return {begin, begin + static_cast<std::uint32_t>(line.text.size())};
}

// A ':' where none can be: mostly the line above, or the indentation, is wrong.
std::optional<YamlProblem> ExplainColon(const Line& line, const Line& above) {
  const bool has_key = above.text.find(": ") != std::string_view::npos || above.text.ends_with(':');
  if (!has_key && above.indent == line.indent && above.text.front() != '-') {
    return YamlProblem{SpanOf(above), "this line has no key", "write 'key: value', with a space"};
  }
  if (has_key && !above.text.ends_with(':') && above.indent < line.indent) {
    return YamlProblem{SpanOf(line),
                       "this line stands deeper than the one above, which has a value already",
                       "give both the same indentation"};
  }
  return std::nullopt;
}

}  // namespace

YamlProblem ExplainYaml(const SourceFile& file, TextSpan span, std::string_view message) {
  const int number = file.Locate(span.begin).line;
  const Line line = LineAt(file, number);
  const std::string_view margin = file.Line(number).substr(0, line.indent);
  if (const std::size_t tab = margin.find('\t'); tab != std::string_view::npos) {
    const auto at = line.begin + static_cast<std::uint32_t>(tab);
    return {{at, at + 1}, "a tab cannot indent", "write spaces"};
  }
  const std::optional<Line> above = LineAbove(file, number);
  if (message.find("illegal map value") != std::string_view::npos && above) {
    if (std::optional<YamlProblem> problem = ExplainColon(line, *above)) {
      return *std::move(problem);
    }
  }
  if (message.find("end of map flow not found") != std::string_view::npos) {
    const std::string_view text = file.text();
    if (span.begin < text.size() && text[span.begin] == '?') {
      return {span, "'?' means something else within { }",
              "put an expression that contains it in quotes"};
    }
    if (span.begin > 0 && text[span.begin - 1] == '\'') {
      return {span, "the text in quotes ended before this",
              "write '' for a quote within '...', or \" within the expression"};
    }
  }
  return Translate(span, message);
}

}  // namespace kulanz::policy
