#include "service/adapters/mail/template_source.h"

#include <algorithm>

namespace kulanz::adapters {
namespace {

int LineOf(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  return 1 + static_cast<int>(std::count(before.begin(), before.end(), '\n'));
}

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\n";
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

}  // namespace

std::string TemplateProblem::ToString() const {
  return file + (line > 0 ? ":" + std::to_string(line) : std::string{}) + ": error: " + message;
}

std::vector<TemplateTag> ScanTags(std::string_view text, std::size_t& unclosed) {
  constexpr std::string_view kSigils = "&#^/>!=";
  std::vector<TemplateTag> tags;
  unclosed = std::string_view::npos;
  for (std::size_t at = 0; (at = text.find("{{", at)) != std::string_view::npos;) {
    TemplateTag tag;
    tag.begin = at;
    const bool triple = text.substr(at).starts_with("{{{");
    const std::string_view close = triple ? "}}}" : "}}";
    const std::size_t content = at + close.size();
    const std::size_t end = text.find(close, content);
    // A tag that runs over a line's end is a forgotten brace rather than meant.
    const std::string_view inside = text.substr(content, std::min(end, text.size()) - content);
    const bool comment = inside.starts_with('!');
    if (end == std::string_view::npos ||
        (!comment && inside.find('\n') != std::string_view::npos)) {
      unclosed = at;
      return tags;
    }
    tag.end = end + close.size();
    tag.kind = triple ? TagKind::kUnescaped : TagKind::kVariable;
    tag.name = inside;
    if (!triple && !inside.empty() && kSigils.find(inside.front()) != std::string_view::npos) {
      tag.kind = static_cast<TagKind>(inside.front());
      tag.name.remove_prefix(1);
    }
    tag.name = Trimmed(tag.name);
    tags.push_back(tag);
    at = tag.end;
  }
  return tags;
}

TemplateSource::TemplateSource(const NamedText& root, const Resolve& resolve,
                               TemplateProblems& problems) {
  Expand(root, resolve, 0, problems);
}

void TemplateSource::Expand(const NamedText& part, const Resolve& resolve, int depth,
                            TemplateProblems& problems) {
  std::size_t unclosed = 0;
  const std::vector<TemplateTag> tags = ScanTags(part.text, unclosed);
  if (unclosed != std::string_view::npos) {
    problems.push_back({part.file, LineOf(part.text, unclosed), "'{{' without '}}' on this line"});
    return;
  }
  std::size_t copied = 0;
  const auto copy_up_to = [&](std::size_t end) {
    origins_.push_back({text_.size(), part.file, LineOf(part.text, copied)});
    text_.append(part.text, copied, end - copied);
    copied = end;
  };
  for (const TemplateTag& tag : tags) {
    if (tag.kind != TagKind::kPartial) continue;
    copy_up_to(tag.begin);
    copied = tag.end;
    NamedText partial;
    const int line = LineOf(part.text, tag.begin);
    if (depth == kDepthMax) {
      problems.push_back({part.file, line, "partials within partials, more than four deep"});
    } else if (!resolve(tag.name, partial)) {
      problems.push_back(
          {part.file, line,
           "there is no partial '" + std::string(tag.name) + "' in the folder shared"});
    } else if (text_.size() + partial.text.size() > kBytesMax) {
      problems.push_back({part.file, line, "with its partials larger than 256 KiB"});
      return;
    } else {
      if (partial.text.ends_with('\n')) partial.text.pop_back();  // the file's end, not a line's
      Expand(partial, resolve, depth + 1, problems);
    }
  }
  copy_up_to(part.text.size());
}

TemplateProblem TemplateSource::ProblemAt(std::size_t offset, std::string message) const {
  const auto after = std::upper_bound(
      origins_.begin(), origins_.end(), offset,
      [](std::size_t wanted, const Origin& origin) { return wanted < origin.begin; });
  if (after == origins_.begin()) return {{}, 0, std::move(message)};
  const Origin& origin = *std::prev(after);
  const std::string_view since =
      std::string_view(text_).substr(origin.begin, offset - origin.begin);
  const auto lines = static_cast<int>(std::count(since.begin(), since.end(), '\n'));
  return {origin.file, origin.line + lines, std::move(message)};
}

}  // namespace kulanz::adapters
