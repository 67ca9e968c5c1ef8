#include "service/policy/expression_reader.h"

#include <algorithm>
#include <utility>

#include "service/cel/diagnostic_ids.h"
#include "service/policy/diagnostic_ids.h"
#include "service/policy/incident_type.h"
#include "service/policy/scalars.h"
#include "service/policy/yaml_offsets.h"

namespace kulanz::policy {
namespace {

cel::Expected ExpectedOf(const cel::Type& type, std::optional<Currency> currency = {}) {
  cel::Expected expected;
  expected.type = type;
  expected.currency = currency;
  return expected;
}

}  // namespace

void ExpressionReader::Report(const Node& node, const cel::Diagnostic& diagnostic) const {
  const TextSpan span = LocateInScalar(context_->file, node, diagnostic.span);
  if (IsLaterVariable(diagnostic)) {
    context_->sink.Add(context_->file, span, diagnostic_id::kVariableOrder,
                       "a variable is used before it is there",
                       "a variable may use those above it; move it up");
    return;
  }
  std::string hint = diagnostic.hint;
  if (!importer_.empty()) {
    hint += (hint.empty() ? "" : "; ") + importer_ + " imports it";
  }
  context_->sink.Add(context_->file, span, diagnostic.id, diagnostic.message, std::move(hint),
                     diagnostic.severity);
}

// Whether the part that is wrong is a variable that stands further down.
bool ExpressionReader::IsLaterVariable(const cel::Diagnostic& diagnostic) const {
  return std::any_of(all_variables_.begin(), all_variables_.end(), [&](const std::string& name) {
    return !IsRead(name) && diagnostic.message.find("'vars." + name + "'") != std::string::npos;
  });
}

// Finds out whether the given conditions prove what the expression needs: as
// `given ? (text) : otherwise` all is in order. If so, the expression is compiled with every optional
// input taken for present; if not, the diagnostics are those that are left, by their place in `text`.
cel::CompileResult ExpressionReader::CompileGiven(std::string_view text,
                                                  const cel::Expected& expected,
                                                  std::string_view otherwise, Given given) const {
  // Line breaks end a comment that the parts may end with.
  std::string proof = "(true";
  for (const Node* condition : given) {
    if (condition != nullptr && condition->is_scalar()) {
      proof += " && (" + condition->text + "\n)";
    }
  }
  proof += ") ? (";
  const auto begin = static_cast<std::uint32_t>(proof.size());
  const auto end = begin + static_cast<std::uint32_t>(text.size());
  proof.append(text).append("\n) : ").append(otherwise);
  cel::CompileResult result = cel::Compile(proof, declared(), expected);
  if (result.ok()) {
    return cel::Compile(text, present(), expected);
  }
  std::erase_if(result.diagnostics, [begin, end](const cel::Diagnostic& diagnostic) {
    return diagnostic.span.begin < begin || diagnostic.span.end > end;
  });
  for (cel::Diagnostic& diagnostic : result.diagnostics) {
    diagnostic.span.begin -= begin;
    diagnostic.span.end -= begin;
  }
  return result;
}

// Only asked for after the last variable was read: variables have no conditions around them.
const cel::Environment& ExpressionReader::present() const {
  if (variables_.empty()) {
    return inputs_.present;
  }
  if (!present_) {
    present_ = inputs_.present;
    for (const Variable& variable : variables_) {
      static_cast<void>(present_->AddStruct("vars", {FieldOf(variable)}));
    }
  }
  return *present_;
}

Expression ExpressionReader::Compile(const Node& node, const cel::Expected& expected,
                                     std::string_view otherwise, Given given) const {
  const std::optional<std::string> text = ReadRaw(*context_, node);
  if (!text) {
    return {};
  }
  cel::CompileResult compiled = cel::Compile(*text, declared(), expected);
  const bool is_unguarded =
      std::any_of(compiled.diagnostics.begin(), compiled.diagnostics.end(),
                  [](const cel::Diagnostic& d) { return d.id == cel::id::kUnguarded; });
  if (is_unguarded && given.size() > 0) {
    cel::CompileResult guarded = CompileGiven(*text, expected, otherwise, given);
    if (guarded.ok() || !guarded.diagnostics.empty()) {
      compiled = std::move(guarded);
    }
  }
  // A part whose type is not known is mostly the shadow of another mistake.
  const auto is_dynamic = [](const cel::Diagnostic& d) { return d.id == cel::id::kDynamicType; };
  const bool only_dynamic =
      std::all_of(compiled.diagnostics.begin(), compiled.diagnostics.end(), is_dynamic);
  for (const cel::Diagnostic& diagnostic : compiled.diagnostics) {
    if (only_dynamic || !is_dynamic(diagnostic)) {
      Report(node, diagnostic);
    }
  }
  Expression expression{.program = std::move(compiled.program)};
  if (!expression) {
    return {};
  }
  for (const int slot : expression.program->slots()) {
    if (slot >= first_variable_) {
      const auto index = static_cast<std::size_t>(slot - first_variable_);
      expression.variables |= (std::uint64_t{1} << index) | variables_.at(index).value.variables;
    }
  }
  return expression;
}

Expression ExpressionReader::Condition(const Node& node, Given given) const {
  return Compile(node, ExpectedOf(cel::Type::Bool()), "false", given);
}
Expression ExpressionReader::Amount(const Node& node, Given given) const {
  const std::string nothing =
      currency_ ? "money(0, \"" + std::string(currency_->code()) + "\")" : "eur(0)";
  return Compile(node, ExpectedOf(cel::Type::Money(), currency_), nothing, given);
}
Expression ExpressionReader::Text(const Node& node, Given given) const {
  return Compile(node, ExpectedOf(cel::Type::String()), "\"\"", given);
}

std::optional<Money> ExpressionReader::FixedAmount(const Node& node, std::string_view what) const {
  const Expression expression = Amount(node);
  if (!expression) {
    return std::nullopt;
  }
  if (expression.program->constant() == nullptr) {
    context_->Error(node, diagnostic_id::kNotConstant,
                    std::string(what) + " must be a fixed amount",
                    "it cannot depend on the incident; write e.g. eur(25.00)");
    return std::nullopt;
  }
  return FixedAmount(node, expression, what);
}

std::optional<Money> ExpressionReader::FixedAmount(const Node& node, const Expression& expression,
                                                   std::string_view what) const {
  const cel::Value* value = expression ? expression.program->constant() : nullptr;
  if (value == nullptr || value->kind() != cel::Kind::kMoney) {
    return std::nullopt;
  }
  const ExactMoney exact = value->as_money();
  const std::optional<Money> money = exact.ToMoney(Rounding::kDown);
  if (!money || ExactMoney(*money).amount != exact.amount) {
    context_->Error(node, diagnostic_id::kNotWholeMinorUnits,
                    std::string(what) + ", " + exact.ToString() + ", cannot be paid exactly",
                    std::string(exact.currency.code()) + " has " +
                        std::to_string(exact.currency.exponent()) + " decimal places");
    return std::nullopt;
  }
  if (money->is_zero() || money->is_negative()) {
    context_->Error(node, diagnostic_id::kNotPositive,
                    std::string(what) + " must be more than nothing");
    return std::nullopt;
  }
  return money;
}

std::optional<Decimal> ExpressionReader::FixedShare(const Node& node, std::string_view what) const {
  const Expression expression = Compile(node, ExpectedOf(cel::Type::Decimal()));
  if (!expression) {
    return std::nullopt;
  }
  const cel::Value* value = expression.program->constant();
  if (value == nullptr || value->kind() != cel::Kind::kDecimal) {
    context_->Error(node, diagnostic_id::kNotConstant, std::string(what) + " must be a fixed share",
                    "it cannot depend on the incident; write e.g. percent(5)");
    return std::nullopt;
  }
  const Decimal share = value->as_decimal();
  if (share < Decimal(0) || share > Decimal(1)) {
    context_->Error(node, diagnostic_id::kOutOfRange,
                    std::string(what) + ", " + share.ToString() + ", is no share",
                    "allowed are percent(0) to percent(100)");
    return std::nullopt;
  }
  return share;
}

// A variable that failed agrees with everything, so that its users are not blamed.
cel::Field ExpressionReader::FieldOf(const Variable& variable) {
  cel::Field field;
  field.name = variable.name;
  field.type = variable.value ? variable.value.program->type() : cel::Type::Error();
  field.currency = variable.value ? variable.value.program->currency() : std::nullopt;
  if (variable.value) {
    const cel::ResultSize size = variable.value.program->result_size();
    field.max_size = size.max_size;
    field.item_max_size = size.item_max_size;
  }
  field.slot = variable.slot;
  return field;
}

bool ExpressionReader::IsRead(std::string_view name) const {
  return std::any_of(variables_.begin(), variables_.end(),
                     [name](const Variable& variable) { return variable.name == name; });
}

void ExpressionReader::ImportVariables(const FileContext& shared, const Node& node) {
  const FileContext* const own = context_;
  importer_ = own->file.name();
  context_ = &shared;
  ReadVariables(node);
  context_ = own;
  importer_.clear();
}

void ExpressionReader::ReadVariables(const Node& node) {
  if (!node.is_map()) {
    context_->Error(
        node, diagnostic_id::kWrongShape,
        "'variables' must be a mapping (name: expression), not " + std::string(ShapeName(node)));
    return;
  }
  if (variables_.size() + node.entries.size() > kVariablesMax) {
    context_->Error(
        node.entries[std::min(kVariablesMax - variables_.size(), node.entries.size() - 1)].key,
        diagnostic_id::kTooManyItems,
        "a policy may have at most " + std::to_string(kVariablesMax) + " variables");
    return;
  }
  if (!own_) {
    own_ = inputs_.declared;
  }
  for (const Node::Entry& entry : node.entries) {
    all_variables_.push_back(entry.key.text);
  }
  for (const Node::Entry& entry : node.entries) {
    const std::string& name = entry.key.text;
    if (IsRead(name)) {
      context_->Error(entry.key, diagnostic_id::kDuplicateVariable,
                      "'" + name + "' is the name of an imported variable already",
                      importer_.empty()
                          ? "give one of the two another name"
                          : "give one of the two another name; " + importer_ + " imports both");
      continue;
    }
    const int slot = first_variable_ + static_cast<int>(variables_.size());
    const bool is_name = IsName(name, '_') && !IsReservedWord(name);
    if (!is_name) {
      context_->Error(
          entry.key, diagnostic_id::kBadName, "'" + name + "' is not a name for a variable",
          "a name is a lower-case letter, then lower-case letters, digits and '_', and no "
          "word of the expression language");
    }
    Expression value = Compile(entry.value, {});
    variables_.push_back({.name = name, .value = std::move(value), .slot = slot});
    const Status status =
        is_name ? own_->AddStruct("vars", {FieldOf(variables_.back())}) : Status::Ok();
    if (!status.ok()) {
      context_->Error(entry.value, diagnostic_id::kVariableType,
                      "'" + name + "' cannot be a variable", status.message());
    }
  }
}

}  // namespace kulanz::policy
