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
constexpr std::size_t kUsualDetailBytes = 240;

void AppendCut(std::string_view text, std::string& out) {
  std::size_t size = std::min(text.size(), kShownBytesMax);
  while (size < text.size() && size > 0 &&
         (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) {
    --size;
  }
  out.append(text.substr(0, size)).append(size < text.size() ? "..." : "");
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

  void OnValue(cel::TextSpan span, const Value& value) override {
    const std::string_view part = text_.substr(span.begin, span.end - span.begin);
    if (count_ == names_.size() || !IsName(part)) {
      return;
    }
    const auto end = names_.begin() + static_cast<std::ptrdiff_t>(count_);
    if (std::none_of(names_.begin(), end, [part](const Named& n) { return n.name == part; })) {
      names_[count_++] = {part, value};
    }
  }

  // " (a = 1, b = \"x\")", by name; nothing without names.
  void AppendTo(std::string& out, cel::Arena& notes) {
    const auto end = names_.begin() + static_cast<std::ptrdiff_t>(count_);
    std::sort(names_.begin(), end, [](const Named& a, const Named& b) { return a.name < b.name; });
    for (auto at = names_.begin(); at != end; ++at) {
      out.append(at == names_.begin() ? " (" : ", ").append(at->name).append(" = ");
      if (at->value.is_error()) {
        AppendError(at->value, out);
      } else {
        AppendCut(cel::DebugText(at->value, notes), out);
      }
    }
    out.append(count_ == 0 ? "" : ")");
  }

 private:
  struct Named {
    std::string_view name;
    Value value;
  };

  static bool IsName(std::string_view part) {
    const auto is_word = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '_' || c == '.';
    };
    if (part == "true" || part == "false" || part == "null" || part.empty()) {
      return false;
    }
    for (const char c : part) {
      if (!is_word(c)) {
        return false;
      }
    }
    return part.front() < '0' || part.front() > '9';
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
  detail_.clear();
  detail_.reserve(kUsualDetailBytes);
  AppendCut(program.text(), detail_);
  if (value.is_error()) {
    detail_.append(" ");
    AppendError(value, detail_);
  } else {
    detail_.append(" is ");
    AppendCut(cel::DebugText(value, scratch_.notes), detail_);
  }
  observer.AppendTo(detail_, scratch_.notes);
  return value;
}

}  // namespace kulanz::engine
