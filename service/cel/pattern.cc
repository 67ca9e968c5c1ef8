#include "service/cel/pattern.h"

#include <re2/re2.h>

#include "service/cel/bound_argument.h"
#include "service/cel/limits.h"
#include "service/cel/text_builder.h"

namespace kulanz::cel {
namespace {

re2::RE2::Options OptionsOf() {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxPatternBytes);
  return options;
}

class Re2Pattern final : public Pattern {
 public:
  explicit Re2Pattern(std::string_view pattern)
      : re2_(re2::StringPiece(pattern.data(), pattern.size()), OptionsOf()) {}
  bool ok() const { return re2_.ok(); }
  const std::string& error() const { return re2_.error(); }
  bool Finds(std::string_view text) const override {
    return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), re2_);
  }

 private:
  re2::RE2 re2_;
};

}  // namespace

std::unique_ptr<const Pattern> CompilePattern(std::string_view pattern, std::string& error) {
  auto compiled = std::make_unique<const Re2Pattern>(pattern);
  if (!compiled->ok()) {
    error = compiled->error();
    return nullptr;
  }
  return compiled;
}

Value Matches(CallContext& context, const Value* args) {
  if (!context.Spend(args[0].size() / 64)) {
    return Value::Error(ErrorCode::kTooManySteps);
  }
  if (args[1].kind() == Kind::kInt) {
    return Value::Bool(BoundPointer<Pattern>(args[1])->Finds(args[0].as_string()));
  }
  const Re2Pattern pattern(args[1].as_string());
  if (!pattern.ok()) {
    return ErrorWith(context, ErrorCode::kBadPattern, "malformed regular expression",
                     args[1].as_string());
  }
  return Value::Bool(pattern.Finds(args[0].as_string()));
}

}  // namespace kulanz::cel
