#include "service/kulanz/fmt/format.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "service/kulanz/fmt/layout.h"
#include "service/kulanz/fmt/scalar_style.h"
#include "service/policy/yaml_reader.h"

namespace kulanz::command {
namespace {

using policy::Node;

// The keys of a policy in the order of rules/README.md, and which of them belong together.
struct KeyPlace {
  std::string_view key;
  int section;
};
constexpr std::array kPolicyKeys = {
    KeyPlace{"kulanz", 0},     KeyPlace{"policy", 0},    KeyPlace{"summary", 0},
    KeyPlace{"department", 0}, KeyPlace{"incidents", 0}, KeyPlace{"priority", 0},
    KeyPlace{"mode", 0},       KeyPlace{"effective", 0}, KeyPlace{"zone", 0},
    KeyPlace{"currency", 0},   KeyPlace{"imports", 1},   KeyPlace{"variables", 1},
    KeyPlace{"eligible", 2},   KeyPlace{"exclude", 2},   KeyPlace{"severity", 3},
    KeyPlace{"gesture", 3},    KeyPlace{"amount", 3},    KeyPlace{"once_per", 4},
    KeyPlace{"limits", 4},     KeyPlace{"fatigue", 4},   KeyPlace{"review", 4},
    KeyPlace{"holdout", 4},    KeyPlace{"budget", 4},    KeyPlace{"voucher", 5},
    KeyPlace{"delivery", 5},
};

std::size_t RankOf(std::string_view key) {
  const auto* const place =
      std::find_if(kPolicyKeys.begin(), kPolicyKeys.end(),
                   [key](const KeyPlace& candidate) { return candidate.key == key; });
  return static_cast<std::size_t>(place - kPolicyKeys.begin());
}

int SectionOf(std::string_view key) {
  const std::size_t rank = RankOf(key);
  return rank < kPolicyKeys.size() ? kPolicyKeys[rank].section : kPolicyKeys.back().section + 1;
}

bool IsPolicy(const Layout& layout) {
  return std::any_of(layout.units.begin(), layout.units.end(),
                     [](const LayoutUnit& unit) { return unit.key == "policy"; });
}

void ArrangePolicy(Layout& layout) {
  std::stable_sort(
      layout.units.begin(), layout.units.end(),
      [](const LayoutUnit& a, const LayoutUnit& b) { return RankOf(a.key) < RankOf(b.key); });
  for (std::size_t i = 1; i < layout.units.size(); ++i) {
    LayoutUnit& unit = layout.units[i];
    const bool begins_section = SectionOf(unit.key) != SectionOf(layout.units[i - 1].key);
    const bool is_apart = std::any_of(unit.before.begin(), unit.before.end(),
                                      [](const Comment& line) { return line.text.empty(); });
    if (begins_section && !is_apart) {
      unit.before.insert(unit.before.begin(), Comment{});
    }
  }
}

bool Same(const Node& a, const Node& b, bool any_order);

bool SameEntries(const Node& a, const Node& b, bool any_order) {
  if (a.entries.size() != b.entries.size()) {
    return false;
  }
  for (std::size_t i = 0; i < a.entries.size(); ++i) {
    const Node::Entry& entry = a.entries[i];
    const auto same = std::find_if(
        b.entries.begin(), b.entries.end(),
        [&entry](const Node::Entry& candidate) { return candidate.key.text == entry.key.text; });
    const bool in_place = same - b.entries.begin() == static_cast<std::ptrdiff_t>(i);
    if (same == b.entries.end() || (!in_place && !any_order) ||
        !Same(entry.value, same->value, false)) {
      return false;
    }
  }
  return true;
}

bool Same(const Node& a, const Node& b, bool any_order) {
  if (a.kind != b.kind || a.text != b.text || a.items.size() != b.items.size()) {
    return false;
  }
  // Quotes may go only where they say nothing.
  if (a.is_scalar() && a.plain != b.plain && (a.plain || NeedsQuotes(a.text, false))) {
    return false;
  }
  for (std::size_t i = 0; i < a.items.size(); ++i) {
    if (!Same(a.items[i], b.items[i], false)) {
      return false;
    }
  }
  return SameEntries(a, b, any_order);
}

void CollectComments(const std::vector<Comment>& lines, std::vector<std::string>& out) {
  for (const Comment& line : lines) {
    if (!line.text.empty()) {
      out.push_back(line.text);
    }
  }
}

void CollectComments(const LayoutUnit& unit, std::vector<std::string>& out) {
  CollectComments(unit.before, out);
  if (unit.trailing) {
    out.push_back(unit.trailing->text);
  }
  for (const LayoutUnit& child : unit.children) {
    CollectComments(child, out);
  }
  CollectComments(unit.after, out);
}

std::vector<std::string> CommentsOf(const Layout& layout) {
  std::vector<std::string> comments;
  CollectComments(layout.header, comments);
  for (const LayoutUnit& unit : layout.units) {
    CollectComments(unit, comments);
  }
  CollectComments(layout.footer, comments);
  std::sort(comments.begin(), comments.end());
  return comments;
}

struct Formatted {
  Node root;
  Layout layout;  // as it was read
  std::string text;
};

std::optional<Formatted> FormatOnce(const policy::SourceFile& file, policy::DiagnosticSink& sink) {
  std::optional<Node> root = policy::ReadYaml(file, sink);
  if (!root || sink.has_errors()) {
    return std::nullopt;
  }
  std::optional<Layout> layout = ReadLayout(file, *root);
  if (!layout) {
    return std::nullopt;
  }
  Layout arranged = *layout;
  if (IsPolicy(arranged)) {
    ArrangePolicy(arranged);
  }
  return Formatted{
      .root = *std::move(root), .layout = *std::move(layout), .text = WriteLayout(arranged)};
}

}  // namespace

FormatResult Format(const policy::SourceFile& file) {
  FormatResult result;
  policy::DiagnosticSink sink;
  const std::optional<Formatted> once = FormatOnce(file, sink);
  if (sink.has_errors()) {
    result.outcome = FormatOutcome::kNotYaml;
    result.diagnostics = sink.Take();
    return result;
  }
  if (!once) {
    return result;
  }
  // Whatever the formatter got wrong shows here, and the file stays as it is.
  policy::DiagnosticSink unused;
  const std::optional<Formatted> twice =
      FormatOnce(policy::SourceFile(file.name(), once->text), unused);
  if (twice && twice->text == once->text && Same(once->root, twice->root, true) &&
      CommentsOf(once->layout) == CommentsOf(twice->layout)) {
    result.outcome = FormatOutcome::kFormatted;
    result.text = once->text;
  }
  return result;
}

}  // namespace kulanz::command
