#include "service/engine/evaluation.h"

#include <bit>
#include <map>
#include <string_view>

namespace kulanz::engine {
namespace {

using cel::Value;

// Longer texts and values are cut: an explanation is read by people.
constexpr std::size_t kShownBytesMax = 200;
constexpr std::size_t kShownValuesMax = 12;

std::string Cut(std::string_view text) {
  if (text.size() <= kShownBytesMax) {
    return std::string(text);
  }
  std::size_t size = kShownBytesMax;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) {
    --size;
  }
  return std::string(text.substr(0, size)) + "...";
}

std::string ErrorText(const Value& error) {
  std::string text = "failed: " + std::string(cel::ErrorName(error.error_code()));
  if (const std::string_view more = error.error_text(); !more.empty()) {
    text += " (" + std::string(more) + ")";
  }
  return text;
}

// Notes the values of the names that an expression reads: "order.total", "vars.days_late".
class NameObserver final : public cel::Observer {
 public:
  explicit NameObserver(std::string_view text) : text_(text) {}

  void OnValue(cel::TextSpan span, const Value& value) override {
    const std::string_view part = text_.substr(span.begin, span.end - span.begin);
    if (IsName(part) && names_.size() < kShownValuesMax) {
      names_.try_emplace(part, value.is_error() ? ErrorText(value) : Cut(cel::DebugString(value)));
    }
  }

  std::string ToString() const {
    std::string out;
    for (const auto& [name, value] : names_) {
      out.append(out.empty() ? " (" : ", ").append(name).append(" = ").append(value);
    }
    return out.empty() ? out : out + ")";
  }

 private:
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
  std::map<std::string_view, std::string> names_;
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
  detail_ = Cut(program.text());
  detail_ += value.is_error() ? " " + ErrorText(value) : " is " + Cut(cel::DebugString(value));
  detail_ += observer.ToString();
  return value;
}

}  // namespace kulanz::engine
