#include "tests/conformance/run_case.h"

#include <optional>
#include <utility>
#include <vector>

#include "service/cel/environment.h"
#include "service/cel/program.h"
#include "tests/conformance/known_places.h"
#include "tests/conformance/suite.h"

namespace kulanz::conformance {
namespace {

using cel::Type;
using cel::Value;

Outcome Skipped(std::string reason) {
  return {Outcome::Kind::kSkipped, std::move(reason), {}, {}, {}};
}
Outcome Failed(std::string expected, std::string actual) {
  return {Outcome::Kind::kFailed, {}, std::move(expected), std::move(actual), {}};
}

// What is wrong with an expression, in one line.
std::string Describe(const cel::Diagnostics& diagnostics, std::string_view text) {
  std::string description = "rejected:";
  for (const cel::Diagnostic& diagnostic : diagnostics) {
    const cel::LineColumn at = cel::Locate(text, diagnostic.span.begin);
    description += " " + std::to_string(at.line) + ":" + std::to_string(at.column) + " " +
                   diagnostic.message + " [" + std::string(diagnostic.id) + "]";
  }
  return description;
}

// Declares what the test declares; bindings without a declaration are dyn.
class Setup {
 public:
  explicit Setup(const Json& test) : env_(cel::Mode::kStandard) {
    env_.SetContainer(test["container"].text);
    for (const Json& declaration : test["type_env"].items) {
      ok_ = ok_ && Declare(declaration);
    }
    for (const auto& [name, binding] : test["bindings"].fields) {
      if (env_.Find(name) == nullptr) {
        ok_ = ok_ && env_.AddVariable(Variable(name, Type::Dyn())).ok();
      }
    }
    for (const Json& option : test["opts"].items) {
      if (option.text == "CrossTypeNumericComparisons(false)") {
        env_.SetMixedComparisons(false);
      }
    }
    frame_.resize(static_cast<std::size_t>(env_.slot_count()));
    for (const auto& [name, binding] : test["bindings"].fields) {
      const std::optional<Value> value = ValueOf(binding, arena_);
      const std::optional<int> slot = env_.SlotOf(name);
      if (value && slot) {
        frame_[static_cast<std::size_t>(*slot)] = *value;
      }
      ok_ = ok_ && value.has_value();
    }
  }

  bool ok() const { return ok_; }
  const cel::Environment& environment() const { return env_; }
  Value Evaluate(const cel::Program& program) { return program.Evaluate(frame_, arena_); }

 private:
  static cel::Field Variable(const std::string& name, Type type) {
    cel::Field field;
    field.name = name;
    field.type = std::move(type);
    return field;
  }

  bool Declare(const Json& declaration) {
    const std::string& name = declaration["name"].text;
    if (!declaration.has("overloads")) {
      const std::optional<Type> type = TypeOf(declaration["type"]);
      return type && env_.AddVariable(Variable(name, *type)).ok();
    }
    cel::Function function{name, {}};
    for (const Json& overload : declaration["overloads"].items) {
      cel::Overload& added = function.overloads.emplace_back();
      added.id = overload["id"].text;
      added.is_method = overload["instance"].boolean;
      const std::optional<Type> result = TypeOf(overload["result"]);
      if (!result) {
        return false;
      }
      added.result = *result;
      for (const Json& parameter : overload["params"].items) {
        const std::optional<Type> type = TypeOf(parameter);
        if (!type) {
          return false;
        }
        added.parameters.push_back(*type);
      }
    }
    return env_.AddFunction(std::move(function)).ok();
  }

  cel::Environment env_;
  cel::Arena arena_;
  std::vector<Value> frame_;
  bool ok_ = true;
};

// "null_type" of the files is "null" in the reference implementation's texts.
Outcome CheckType(const Json& expected, const Type& actual) {
  const std::optional<Type> type = TypeOf(expected);
  if (!type) {
    return Skipped("a type that is not ours");
  }
  return *type == actual ? Outcome{} : Failed("type " + type->ToString(), actual.ToString());
}

Outcome CheckResult(const Json& expect, const Value& actual) {
  const std::string shown = cel::DebugString(actual);
  if (expect.has("error")) {
    return actual.is_error() ? Outcome{} : Failed("an error", shown);
  }
  cel::Arena arena;
  const std::optional<Value> expected = ValueOf(expect["value"], arena);
  if (!expected) {
    return Skipped("a value that is not ours");
  }
  return SameValue(*expected, actual) ? Outcome{} : Failed(cel::DebugString(*expected), shown);
}

// The first error is to stand where the reference has it, or where known_places.h says.
Outcome CheckPlace(const Json& expected, const cel::CompileResult& compiled,
                   std::string_view text) {
  const cel::Diagnostic& first = compiled.diagnostics[0];
  const cel::LineColumn at = cel::Locate(text, first.span.begin);
  const std::string ours = std::to_string(at.line) + ":" + std::to_string(at.column);
  const std::string theirs = expected["line"].text + ":" + expected["column"].text;
  return ours == theirs || IsKnownPlace(text, ours)
             ? Outcome{}
             : Failed("rejected: " + theirs + " " + expected["message"].text,
                      Describe(compiled.diagnostics, text));
}

// A test of extra_parser.json or extra_checker.json.
Outcome RunExtra(const Json& test, const cel::CompileResult& compiled) {
  const std::string& text = test["expr"].text;
  const Json& errors = test.has("parse_error") ? test["parse_error"] : test["check_error"];
  if (errors.is_array()) {
    return compiled.ok() ? Failed("rejected: " + errors.items[0]["message"].text, "accepted")
                         : CheckPlace(errors.items[0], compiled, text);
  }
  if (test.has("deduced_type")) {
    return compiled.ok() ? CheckType(test["deduced_type"], compiled.program->type())
                         : Failed("accepted", Describe(compiled.diagnostics, text));
  }
  return compiled.ok() ? Outcome{} : Failed("accepted", Describe(compiled.diagnostics, text));
}

}  // namespace

Outcome RunCase(const Json& test) {
  if (!test["profile"].boolean) {
    return Skipped("outside the profile");
  }
  Setup setup(test);
  if (!setup.ok()) {
    return Skipped("a declaration or binding that is not ours");
  }
  const std::string& text = test["expr"].text;
  if (!test.has("expect")) {
    // Parser tests name what is not declared: they go through the parser only.
    return RunExtra(test, test.has("ast") || test.has("parse_error")
                              ? cel::CompileUnchecked(text, setup.environment())
                              : cel::Compile(text, setup.environment()));
  }
  const bool unchecked = test["disable_check"].boolean;
  const cel::CompileResult compiled = unchecked ? cel::CompileUnchecked(text, setup.environment())
                                                : cel::Compile(text, setup.environment());
  if (!compiled.ok()) {
    return Failed(test["expect"].has("error") ? "an error in evaluation" : "a value",
                  Describe(compiled.diagnostics, text));
  }
  if (test["expect"].has("deduced_type")) {
    Outcome outcome = CheckType(test["expect"]["deduced_type"], compiled.program->type());
    if (outcome.kind != Outcome::Kind::kPassed || test["check_only"].boolean ||
        !test["expect"].has("value")) {
      return outcome;
    }
  }
  Outcome outcome = CheckResult(test["expect"], setup.Evaluate(*compiled.program));
  const std::string deduced = compiled.program->type().ToString();
  if (!unchecked && test.has("cel_go_type") && test["cel_go_type"].text != deduced) {
    outcome.type_difference = test["cel_go_type"].text + ", not " + deduced;
  }
  return outcome;
}

}  // namespace kulanz::conformance
