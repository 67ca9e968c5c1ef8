#include "service/kulanz/explain/render.h"

#include <algorithm>
#include <string_view>

#include "service/base/time_zone.h"
#include "service/domain/time.h"

namespace kulanz::command {
namespace {

constexpr std::size_t kLabelColumn = 4;
constexpr std::size_t kTextColumnMin = 20;
constexpr std::size_t kTextColumnMax = 32;
constexpr std::size_t kTextMin = 30;

Paint PaintOf(Finding finding) {
  switch (finding) {
    case Finding::kHolds:
      return Paint::kGreen;
    case Finding::kFails:
      return Paint::kYellow;
    case Finding::kError:
      return Paint::kRed;
    case Finding::kValue:
      return Paint::kCyan;
  }
  return Paint::kPlain;
}

Paint PaintOf(std::string_view value) {
  if (value == "true") {
    return Paint::kGreen;
  }
  return value == "false"              ? Paint::kYellow
         : value.starts_with("failed") ? Paint::kRed
                                       : Paint::kCyan;
}

// The text in lines of at most `columns`, broken at blanks where there are any.
std::vector<std::string> Wrap(std::string_view text, std::size_t columns) {
  std::vector<std::string> lines;
  while (ColumnsOf(text) > columns) {
    // A byte is at least no wider than a column, so this cuts too early rather than too late.
    std::size_t end = text.rfind(' ', columns);
    if (end == std::string_view::npos || end == 0) {
      end = std::min(text.find(' '), text.size());
    }
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (text.empty()) {
      return lines;
    }
  }
  lines.emplace_back(text);
  return lines;
}

// "    label           text                                        value"
class Lines {
 public:
  Lines(const Style& style, std::size_t text_column) : style_(style), text_column_(text_column) {}

  void AddExpression(const ExpressionStory& story) {
    const std::string note = story.note.empty() ? "" : "  " + story.note;
    AddRow(story.label, story.text, story.value + note, PaintOf(story.finding), Paint::kPlain, 0);
    for (const ExpressionPart& part : story.parts) {
      AddRow("", part.text, part.value, PaintOf(part.value), Paint::kDim,
             static_cast<std::size_t>(part.depth) + 1);
    }
  }

  void AddRow(std::string_view label, std::string_view text, std::string_view value, Paint paint,
              Paint text_paint, std::size_t depth) {
    const std::size_t begin = text_column_ + depth * 2;
    const std::size_t value_column = ValueColumn();
    const std::size_t room =
        std::max(value_column > begin + 2 ? value_column - begin - 2 : 0, kTextMin);
    std::vector<std::string> lines = Wrap(text, room);
    if (depth > 0 && lines.size() > 1) {
      lines = {CutTo(text, room)};  // its own parts follow
    }
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const std::string head = i == 0 ? std::string(kLabelColumn, ' ') +
                                            PadTo(label, text_column_ - kLabelColumn - 1) + " "
                                      : std::string(text_column_, ' ');
      out_ += head + std::string(depth * 2, ' ') + style_.In(text_paint, lines[i]);
      if (i == 0) {
        const std::size_t used = begin + ColumnsOf(lines[i]);
        out_.append(used + 2 <= value_column ? value_column - used : 2, ' ');
        out_ += style_.In(paint, value);
      }
      out_ += "\n";
    }
  }

  std::string Take() { return std::move(out_); }

 private:
  // Values stand in one column, at two thirds of the width.
  std::size_t ValueColumn() const { return style_.width() * 2 / 3; }

  const Style& style_;
  std::size_t text_column_;
  std::string out_;
};

// Where the expressions of a policy begin: behind its longest label.
std::size_t TextColumnOf(const PolicyStory& story) {
  std::size_t column = kTextColumnMin;
  for (const std::vector<ExpressionStory>* part : {&story.variables, &story.steps}) {
    for (const ExpressionStory& one : *part) {
      column = std::max(column, kLabelColumn + ColumnsOf(one.label) + 2);
    }
  }
  return std::min(column, kTextColumnMax);
}

// What the engine calls "gesture[2]" its readers count from one: "gesture 3".
std::string StepName(const engine::Step& step) {
  const std::string name = step.name;
  return step.index < 0 ? (name == "once_per" ? "once per" : name)
                        : name + " " + std::to_string(step.index + 1);
}

// The steps that come after the expressions say themselves what they found.
bool IsToldByExpressions(const engine::Step& step, const PolicyStory& story) {
  const std::string name = StepName(step);
  return std::any_of(story.steps.begin(), story.steps.end(),
                     [&name](const ExpressionStory& one) { return one.label == name; });
}

// What the policy gave, or in shadow would have given: " 8.00 EUR".
std::string GivenAmount(const Decision& decision, const policy::Policy& policy) {
  if (decision.policy == policy.id && decision.voucher) {
    return " " + decision.voucher->amount.ToString();
  }
  for (const ShadowDecision& shadow : decision.shadow) {
    if (shadow.policy == policy.id && shadow.amount && shadow.outcome == Outcome::kGranted) {
      return " " + shadow.amount->ToString();
    }
  }
  return "";
}

// "5 %" for 0.05.
std::string PercentText(Decimal share) {
  std::string text = share.Times(Decimal(100)).value_or(share).ToString();
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    text.erase(text.find_last_not_of('.') + 1);
  }
  return text + " %";
}

std::string LastDay(const VoucherTerms& terms) {
  const std::optional<TimeZone> zone = TimeZone::Load(terms.zone);
  return zone ? FormatDate(zone->DateAt(terms.valid_until)) : FormatInstant(terms.valid_until);
}

Paint PaintOf(const Decision& decision) {
  switch (decision.outcome) {
    case Outcome::kGranted:
    case Outcome::kApologised:
      return Paint::kGreen;
    case Outcome::kReview:
      return Paint::kYellow;
    case Outcome::kDenied:
      return Paint::kRed;
  }
  return Paint::kPlain;
}

}  // namespace

std::string RenderDecision(const engine::Verdict& verdict, const Style& style) {
  const Decision& decision = verdict.decision;
  std::string head(OutcomeName(decision.outcome));
  if (decision.voucher) {
    head += " " + decision.voucher->amount.ToString();
  }
  std::string out = style.In(PaintOf(decision), head);
  out += decision.policy.empty() ? "" : " by " + style.In(Paint::kBold, decision.policy.text());
  if (decision.reason != reason::kGranted) {
    out += ": " + style.In(Paint::kBold, decision.reason);
  }
  if (decision.proposed) {
    out += ", would have been " + decision.proposed->ToString();
  }
  if (decision.given_before) {
    out += ", given before " + decision.given_before->ToString();
  }
  out += "\n";
  if (decision.severity != Severity::kMild) {
    out += "  severity " + std::string(SeverityName(decision.severity)) + "\n";
  }
  if (decision.holdout) {
    out += std::string("  ") + (decision.holdout->held_out ? "in" : "not in") +
           " the control group of " + PercentText(decision.holdout->share) + "\n";
  }
  if (decision.voucher) {
    out += "  valid until " + LastDay(*decision.voucher) + ", " + decision.voucher->zone + "\n";
  }
  if (decision.delivery) {
    out += "  letter " + decision.delivery->message + ", signed by " +
           decision.delivery->signed_by + "\n";
  }
  if (verdict.budget) {
    out += "  paid from budget " + verdict.budget->name + ", the period from " +
           FormatDate(verdict.budget->starts) + "\n";
  }
  for (const ShadowDecision& shadow : decision.shadow) {
    out += "  in shadow, " + shadow.policy.text() + ": " +
           std::string(OutcomeName(shadow.outcome)) +
           (shadow.amount ? " " + shadow.amount->ToString() : "") +
           (shadow.reason == reason::kGranted ? "" : " " + style.In(Paint::kDim, shadow.reason)) +
           "\n";
  }
  return out;
}

std::string RenderPolicy(const Answered& answered, std::size_t index, const Style& style) {
  const engine::PolicyTrace& trace = answered.explanation.policies[index];
  const PolicyStory& story = answered.stories[index];
  const policy::Policy& policy = *story.policy;
  std::string out = style.In(Paint::kBold, policy.id.text());
  out += style.In(Paint::kDim, "  " + std::string(policy::ModeName(policy.mode)) + ", priority " +
                                   std::to_string(policy.priority) + ", " + policy.file);
  out += "\n";
  const std::size_t text_column = TextColumnOf(story);
  Lines lines(style, text_column);
  for (const ExpressionStory& variable : story.variables) {
    lines.AddExpression(variable);
  }
  for (const ExpressionStory& step : story.steps) {
    lines.AddExpression(step);
  }
  out += lines.Take();
  std::string end = std::string(trace.reason) + GivenAmount(answered.verdict.decision, policy);
  if (!IsToldByExpressions(trace.step, story) && !trace.detail.empty()) {
    end += ": " + trace.detail;
  }
  const std::string place = StepName(trace.step);
  out += std::string(kLabelColumn, ' ') +
         style.In(Paint::kBold, PadTo("=> " + place, text_column - kLabelColumn));
  const std::vector<std::string> wrapped = Wrap(Printable(end), style.width() - text_column);
  for (std::size_t i = 0; i < wrapped.size(); ++i) {
    out += (i == 0 ? "" : std::string(text_column, ' ')) +
           style.In(trace.passed ? Paint::kGreen : Paint::kYellow, wrapped[i]) + "\n";
  }
  return out;
}

}  // namespace kulanz::command
