#include "service/engine/evaluation.h"

#include <algorithm>
#include <array>
#include <bit>
#include <string_view>

#include "service/cel/debug_text.h"

namespace kulanz::engine {
namespace {

using cel::Value;

// Longer texts and values are cut: an explanation is read by people.
constexpr std::size_t kShownBytesMax = 200;
constexpr std::size_t kShownValuesMax = 12;

void AppendCut(std::string_view text, std::string& out) {
  if (text.size() <= kShownBytesMax) {
    out.append(text);
    return;
  }
  std::size_t size = kShownBytesMax;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) {
    --size;
  }
  out.append(text.substr(0, size)).append("...");
}

void AppendError(const Value& error, std::string& out) {
  out.append("failed: ").append(cel::ErrorName(error.error_code()));
  if (const std::string_view more = error.error_text(); !more.empty()) {
    out.append(" (").append(more).append(")");
  }
}

// Notes the values of the names that an expression reads: "order.total", "vars.days_late".
class NameObserver final : public cel::Observer {
 public:
  explicit NameObserver(std::string_view text) : text_(text) {}

  void OnInput(cel::TextSpan span, int slot, const Value& value) override {
    const auto end = names_.begin() + static_cast<std::ptrdiff_t>(count_);
    if (count_ < names_.size() &&
        std::none_of(names_.begin(), end, [slot](const Named& n) { return n.slot == slot; })) {
      names_[count_++] = {TextAt(span), slot, value};
    }
  }

  void OnValue(cel::TextSpan span, const Value& value) override {
    const std::string_view part = TextAt(span);
    if (count_ == names_.size() || !IsName(part)) {
      return;
    }
    const auto end = names_.begin() + static_cast<std::ptrdiff_t>(count_);
    if (std::none_of(names_.begin(), end, [part](const Named& n) { return n.name == part; })) {
      names_[count_++] = {part, kNoSlot, value};
    }
  }

  // " (a = 1, b = \"x\")", by name; nothing without names.
  void AppendTo(std::string& out, Scratch& scratch) {
    const auto end = names_.begin() + static_cast<std::ptrdiff_t>(count_);
    std::sort(names_.begin(), end, [](const Named& a, const Named& b) { return a.name < b.name; });
    for (auto at = names_.begin(); at != end; ++at) {
      out.append(at == names_.begin() ? " (" : ", ").append(at->name).append(" = ");
      if (at->value.is_error()) {
        AppendError(at->value, out);
      } else {
        AppendCut(TextOf(*at, scratch), out);
      }
    }
    out.append(count_ == 0 ? "" : ")");
  }

 private:
  static constexpr int kNoSlot = -1;
  struct Named {
    std::string_view name;
    int slot;
    Value value;
  };

  static std::string_view TextOf(const Named& named, Scratch& scratch) {
    if (named.slot < 0 || static_cast<std::size_t>(named.slot) >= scratch.input_texts.size()) {
      return cel::DebugText(named.value, scratch.notes);
    }
    std::string_view& text = scratch.input_texts[static_cast<std::size_t>(named.slot)];
    if (text.empty()) {
      text = cel::DebugText(named.value, scratch.input_notes);
    }
    return text;
  }

  std::string_view TextAt(cel::TextSpan span) const {
    return text_.substr(span.begin, span.end - span.begin);
  }

  static bool IsName(std::string_view part) {
    const auto is_word = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '_' || c == '.';
    };
    if (part.empty() || !is_word(part.back()) || part.find(' ') != std::string_view::npos ||
        !std::all_of(part.begin(), part.end(), is_word)) {
      return false;
    }
    return (part.front() < '0' || part.front() > '9') && part != "true" && part != "false" &&
           part != "null";
  }

  std::string_view text_;
  std::array<Named, kShownValuesMax> names_;
  std::size_t count_ = 0;
};

}  // namespace

std::string Step::ToString() const {
  return index < 0 ? name : std::string(name) + "[" + std::to_string(index) + "]";
}

void Evaluation::NeedVariables(std::uint64_t variables) {
  for (std::uint64_t missing = variables & ~computed_; missing != 0; missing &= missing - 1) {
    const auto index = static_cast<std::size_t>(std::countr_zero(missing));
    const policy::Variable& variable = policy_.variables[index];
    // In ascending order, so what it needs is there. An error is a value: whoever reads it fails too.
    scratch_.frame[static_cast<std::size_t>(variable.slot)] =
        variable.value.program->Evaluate(scratch_.frame, scratch_.arena);
  }
  computed_ |= variables;
}

Value Evaluation::Evaluate(const policy::Expression& expression) {
  NeedVariables(expression.variables);
  const cel::Program& program = *expression.program;
  if (!explain_) {
    return program.Evaluate(scratch_.frame, scratch_.arena);
  }
  NameObserver observer(program.text());
  const Value value = program.Explain(scratch_.frame, scratch_.arena, observer);
  scratch_.notes.Reset();
  std::string& detail = scratch_.detail;
  detail.clear();
  AppendCut(program.text(), detail);
  if (value.is_error()) {
    detail.append(" ");
    AppendError(value, detail);
  } else if (value.kind() == cel::Kind::kBool) {
    detail.append(value.is_true() ? " is true" : " is false");
  } else {
    detail.append(" is ");
    AppendCut(cel::DebugText(value, scratch_.notes), detail);
  }
  observer.AppendTo(detail, scratch_);
  return value;
}

}  // namespace kulanz::engine
