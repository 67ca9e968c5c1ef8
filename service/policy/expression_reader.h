// ExpressionReader: compiles the expressions of one policy and says what is wrong with them in terms of
// the policy's file.
//
// Thread-safety: none; lives while one policy is read.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/cel/environment.h"
#include "service/cel/program.h"
#include "service/policy/fields.h"
#include "service/policy/inputs.h"
#include "service/policy/policy.h"

namespace kulanz::policy {

// Conditions that are true whenever an expression is evaluated: an amount is only computed when its row
// matches and the customer is eligible. What they guard need not be guarded again.
using Given = std::initializer_list<const Node*>;  // null: no condition

class ExpressionReader {
 public:
  // `inputs` outlive the reader. `first_variable`: the frame's first slot for variables. `currency`: the
  // policy's; nothing when it could not be read, then amounts of any currency pass.
  ExpressionReader(const FileContext& context, const PolicyInputs& inputs, int first_variable,
                   std::optional<Currency> currency)
      : context_(&context), inputs_(inputs), first_variable_(first_variable), currency_(currency) {}

  // Adds the variables of `node`, in order; each may use those above it.
  void ReadVariables(const Node& node);
  // The same with those of another file; what is wrong with them is located there.
  void ImportVariables(const FileContext& shared, const Node& node);
  std::vector<Variable> TakeVariables() { return std::move(variables_); }

  // Each returns an expression without a program after it reported why there is none.
  Expression Condition(const Node& node, Given given = {}) const;
  Expression Amount(const Node& node, Given given = {}) const;  // money in the policy's currency
  Expression Text(const Node& node, Given given = {}) const;

  // An amount that is known now: constant, positive, in whole minor units. `what`: "the budget".
  std::optional<Money> FixedAmount(const Node& node, std::string_view what) const;
  // The same of an expression that is compiled already; nothing (unreported) when it is not constant.
  std::optional<Money> FixedAmount(const Node& node, const Expression& expression,
                                   std::string_view what) const;
  // A part of all that is known now: from nothing to 100 percent.
  std::optional<Decimal> FixedShare(const Node& node, std::string_view what) const;

 private:
  cel::CompileResult CompileGiven(std::string_view text, const cel::Expected& expected,
                                  std::string_view otherwise, Given given) const;
  Expression Compile(const Node& node, const cel::Expected& expected,
                     std::string_view otherwise = {}, Given given = {}) const;
  void Report(const Node& node, const cel::Diagnostic& diagnostic) const;
  bool IsRead(std::string_view name) const;
  bool IsLaterVariable(const cel::Diagnostic& diagnostic) const;
  const cel::Environment& declared() const { return own_ ? *own_ : inputs_.declared; }
  const cel::Environment& present() const;
  static cel::Field FieldOf(const Variable& variable);

  const FileContext* context_;  // of the file that is being read just now
  std::string importer_;        // the policy's file while another one is read; empty otherwise
  const PolicyInputs& inputs_;
  std::optional<cel::Environment> own_;              // with variables
  mutable std::optional<cel::Environment> present_;  // with variables; made when first needed
  int first_variable_;
  std::optional<Currency> currency_;
  std::vector<Variable> variables_;
  std::vector<std::string> all_variables_;  // also those that are not read yet
};

}  // namespace kulanz::policy
