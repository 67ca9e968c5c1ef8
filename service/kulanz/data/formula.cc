#include "service/kulanz/data/formula.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "service/cel/arena.h"

namespace kulanz::command {
namespace {

using cel::Kind;
using cel::Value;

std::string NameInFormulas(std::string_view column) {
  std::string name(column);
  for (char& c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    c = plain ? c : '_';
  }
  return name.empty() || (name.front() >= '0' && name.front() <= '9') ? "_" + name : name;
}

std::optional<AttributeScalar> Scalar(const Value& value) {
  switch (value.kind()) {
    case Kind::kBool:
      return value.as_bool();
    case Kind::kInt:
      return value.as_int();
    case Kind::kDecimal:
      return value.as_decimal();
    case Kind::kMoney: {
      const std::optional<Money> money = value.as_money().ToMoney(Rounding::kHalfUp);
      return money ? std::optional<AttributeScalar>(*money) : std::nullopt;
    }
    case Kind::kString:
      return std::string(value.as_string());
    case Kind::kTimestamp:
      return value.as_instant();
    case Kind::kDate:
      return value.as_date();
    case Kind::kDuration:
      return std::chrono::floor<Duration>(value.as_duration());
    default:
      return std::nullopt;
  }
}

std::optional<AttributeValue> ToAttribute(const Value& value) {
  if (value.kind() != Kind::kList) {
    const std::optional<AttributeScalar> scalar = Scalar(value);
    return scalar ? std::visit([](const auto& v) -> std::optional<AttributeValue> { return v; },
                               *scalar)
                  : std::nullopt;
  }
  AttributeList items;
  for (const Value& item : value.as_list()) {
    std::optional<AttributeScalar> scalar = Scalar(item);
    if (!scalar) {
      return std::nullopt;
    }
    items.push_back(*std::move(scalar));
  }
  return items;
}

// Long texts are for reading, not for computing; the bound is for the estimate of an expression's cost.
constexpr std::uint32_t kTextSize = 1024;

}  // namespace

cel::Environment Formula::EnvironmentOf(const DataTable& table, const TimeZone& zone) {
  cel::Environment environment(cel::Mode::kPolicy);
  environment.SetZone(zone);
  std::set<std::string> taken;
  std::vector<cel::Field> fields;
  for (std::size_t i = 0; i < table.columns().size(); ++i) {
    std::string name = NameInFormulas(table.columns()[i]);
    if (taken.insert(name).second) {
      fields.push_back({.name = std::move(name),
                        .type = cel::Type::String(),
                        .max_size = kTextSize,
                        .slot = static_cast<int>(i)});
    }
  }
  // A name that CEL reserves ("in") is no field; the others are.
  for (cel::Field& field : fields) {
    static_cast<void>(environment.AddStruct("row", {std::move(field)}));
  }
  return environment;
}

std::shared_ptr<const Formula> Formula::Compile(const policy::FileContext& context,
                                                const policy::Node& node,
                                                const cel::Environment& environment,
                                                std::optional<cel::Type> type) {
  const cel::CompileResult compiled =
      cel::Compile(node.text, environment, {.type = std::move(type)});
  for (const cel::Diagnostic& diagnostic : compiled.diagnostics) {
    context.Error(node, diagnostic.id, diagnostic.message, diagnostic.hint);
  }
  return compiled.ok() ? std::shared_ptr<const Formula>(new Formula(compiled.program)) : nullptr;
}

std::optional<AttributeValue> Formula::Evaluate(const DataRow& row, std::string& problem) const {
  thread_local cel::Arena arena;
  thread_local std::vector<Value> frame;
  arena.Reset();
  const std::span<const int> slots = program_->slots();
  const std::size_t size = slots.empty() ? 0 : static_cast<std::size_t>(slots.back()) + 1;
  frame.resize(std::max(frame.size(), size));
  for (const int slot : slots) {
    frame[static_cast<std::size_t>(slot)] =
        Value::String(row.fields[static_cast<std::size_t>(slot)]);
  }
  const Value value = program_->Evaluate(frame, arena);
  if (value.is_error()) {
    problem = std::string(value.error_text());
    return std::nullopt;
  }
  if (value.kind() == Kind::kOptional) {
    return value.has_value() ? ToAttribute(value.held()) : std::nullopt;
  }
  std::optional<AttributeValue> result = ToAttribute(value);
  if (!result) {
    problem = "the formula's result is of no type that an attribute has";
  }
  return result;
}

}  // namespace kulanz::command
