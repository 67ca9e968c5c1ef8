#include "service/cel/program.h"

#include <algorithm>
#include <string>
#include <utility>

#include "service/base/check.h"
#include "service/cel/checker.h"
#include "service/cel/diagnostic_ids.h"
#include "service/cel/guards.h"
#include "service/cel/limits.h"
#include "service/cel/nodes.h"
#include "service/cel/parser.h"
#include "service/cel/planner.h"
#include "service/cel/policy_checks.h"
#include "service/cel/utf8.h"

namespace kulanz::cel {

struct Program::Rep {
  explicit Rep(std::string text) : ast(std::move(text)) {}

  Ast ast;
  NodeStore store;
  BoundObjects objects;
  const Node* plan = nullptr;
  const Node* observed_plan = nullptr;
  std::optional<Currency> currency;
  std::vector<int> slots;
  std::vector<Guard> guards;
  std::optional<std::uint64_t> cost;
  ResultSize result_size;
};

// Compiles one expression; a friend of Program.
class ProgramBuilder {
 public:
  ProgramBuilder(std::string_view text, const Environment& environment)
      : environment_(environment), rep_(std::make_unique<Program::Rep>(std::string(text))) {}

  CompileResult Checked(const Expected& expected);
  CompileResult Unchecked();

 private:
  bool is_policy() const { return environment_.mode() == Mode::kPolicy; }
  void Report(std::string_view id, TextSpan span, std::string message) {
    diagnostics_.push_back(
        {.id = id, .message = std::move(message), .span = span, .hint = {}, .replacement = {}});
  }
  bool ParseText();
  void CheckPolicy(const Expected& expected);
  void PlanAll();
  CompileResult Finish();

  const Environment& environment_;
  std::unique_ptr<Program::Rep> rep_;
  Diagnostics diagnostics_;
};

bool ProgramBuilder::ParseText() {
  const std::string& text = rep_->ast.text();
  const std::size_t limit = is_policy() ? kMaxPolicyTextBytes : kMaxTextBytes;
  const auto end = static_cast<std::uint32_t>(std::min(text.size(), limit));
  if (text.size() > limit) {
    Report(id::kTooLong, {end, end},
           "the expression is longer than " + std::to_string(limit) + " bytes");
    return false;
  }
  if (!utf8::IsValid(text)) {
    Report(id::kSyntax, {0, end}, "the text is not valid UTF-8");
    return false;
  }
  return Parse(rep_->ast, is_policy() ? kMaxPolicyDepth : kMaxDepth, diagnostics_);
}

void ProgramBuilder::CheckPolicy(const Expected& expected) {
  const Ast& ast = rep_->ast;
  CheckPresence(ast, diagnostics_);
  CheckLiteralSets(ast, environment_, expected, diagnostics_);
  rep_->currency = CheckCurrencies(ast, environment_, expected, diagnostics_);
  const WorstCase worst = EstimateWorstCase(ast);
  rep_->cost = worst.cost;
  rep_->result_size = worst.size;
  CheckCost(ast, rep_->cost, diagnostics_);
}

void ProgramBuilder::PlanAll() {
  Program::Rep& rep = *rep_;
  std::vector<FailingPart> failing;
  rep.plan = Plan({rep.ast, environment_, false}, rep.store, rep.objects, failing);
  rep.observed_plan = Plan({rep.ast, environment_, true}, rep.store, rep.objects, failing);
  if (is_policy()) {
    for (const FailingPart& part : failing) {
      Report(id::kAlwaysFails, part.span,
             "this part always fails: " + std::string(part.error.error_text()));
    }
  }
  rep.slots = FindSlots(rep.ast);
  for (const FoundGuard& guard : FindGuards(rep.ast)) {
    rep.guards.push_back({guard.slot, rep.store.Keep(std::span<const Value>(guard.values))});
  }
}

CompileResult ProgramBuilder::Checked(const Expected& expected) {
  if (ParseText() && Check(rep_->ast, environment_, expected, diagnostics_)) {
    CheckNamedArguments(rep_->ast, environment_, diagnostics_);
    if (is_policy()) {
      CheckPolicy(expected);
    }
    if (diagnostics_.empty()) {
      PlanAll();
    }
  }
  return Finish();
}

CompileResult ProgramBuilder::Unchecked() {
  if (ParseText()) {
    ResolveNames(rep_->ast, environment_);
    PlanAll();
  }
  return Finish();
}

CompileResult ProgramBuilder::Finish() {
  std::stable_sort(
      diagnostics_.begin(), diagnostics_.end(),
      [](const Diagnostic& a, const Diagnostic& b) { return a.span.begin < b.span.begin; });
  const bool failed = std::any_of(
      diagnostics_.begin(), diagnostics_.end(),
      [](const Diagnostic& diagnostic) { return diagnostic.severity == Severity::kError; });
  CompileResult result;
  if (!failed) {
    result.program = std::shared_ptr<const Program>(new Program(std::move(rep_)));
  }
  result.diagnostics = std::move(diagnostics_);
  return result;
}

Program::Program(std::unique_ptr<const Rep> rep) : rep_(std::move(rep)) {}
Program::~Program() = default;

namespace {

Value Run(const Node& plan, int local_count, std::span<const Value> frame, Arena& arena,
          std::int64_t step_limit, Observer* observer) {
  Value* locals = nullptr;
  if (local_count > 0) {
    locals = arena.AllocateArray<Value>(static_cast<std::size_t>(local_count));
    if (locals == nullptr) {
      return Value::Error(ErrorCode::kTooMuchMemory);
    }
  }
  Evaluation evaluation(frame.data(), locals, arena, step_limit);
  evaluation.set_observer(observer);
  return plan.Eval(evaluation);
}

}  // namespace

Value Program::Evaluate(std::span<const Value> frame, Arena& arena, std::int64_t step_limit) const {
  KULANZ_CHECK(rep_->slots.empty() || static_cast<std::size_t>(rep_->slots.back()) < frame.size(),
               "the frame has a value for every slot");
  return Run(*rep_->plan, rep_->ast.local_count(), frame, arena, step_limit, nullptr);
}

Value Program::Explain(std::span<const Value> frame, Arena& arena, Observer& observer,
                       std::int64_t step_limit) const {
  KULANZ_CHECK(rep_->slots.empty() || static_cast<std::size_t>(rep_->slots.back()) < frame.size(),
               "the frame has a value for every slot");
  return Run(*rep_->observed_plan, rep_->ast.local_count(), frame, arena, step_limit, &observer);
}

const std::string& Program::text() const { return rep_->ast.text(); }
const Type& Program::type() const { return rep_->ast.root()->type; }
std::optional<Currency> Program::currency() const { return rep_->currency; }
const Value* Program::constant() const { return nodes::ConstantValue(rep_->plan); }
std::span<const int> Program::slots() const { return rep_->slots; }
bool Program::has_locals() const { return rep_->ast.local_count() > 0; }
std::span<const Guard> Program::guards() const { return rep_->guards; }
std::optional<std::uint64_t> Program::cost() const { return rep_->cost; }
ResultSize Program::result_size() const { return rep_->result_size; }

CompileResult Compile(std::string_view text, const Environment& environment,
                      const Expected& expected) {
  return ProgramBuilder(text, environment).Checked(expected);
}

CompileResult CompileUnchecked(std::string_view text, const Environment& environment) {
  return ProgramBuilder(text, environment).Unchecked();
}

}  // namespace kulanz::cel
