#include "service/policy/limit_reader.h"

#include <array>
#include <chrono>
#include <string_view>

#include "service/domain/history.h"
#include "service/policy/diagnostic_ids.h"
#include "service/policy/incident_type.h"
#include "service/policy/scalars.h"

namespace kulanz::policy {
namespace {

constexpr DurationRange kWindow = {.min = std::chrono::seconds(1), .max = kOneDay * kDaysMax};
// More could never be counted: a history that long goes to a person (HISTORY_FULL).
constexpr auto kCountMax = static_cast<std::int64_t>(kHistoryGesturesMax) - 1;

class LimitReader {
 public:
  LimitReader(const FileContext& context, const ExpressionReader& expressions, const Node& node,
              const Node* eligible)
      : context_(context),
        expressions_(expressions),
        node_(node),
        eligible_(eligible),
        fields_(context, node, "a limit",
                {{"vouchers"},
                 {"amount"},
                 {"per", Presence::kRequired},
                 {"within"},
                 {"every"},
                 {"reported_by"},
                 {"count"}}) {}

  // Nothing when it could not be read as a whole.
  std::optional<Limit> Read() {
    static constexpr std::array<std::string_view, 2> kCount = {"all", "policy"};
    if (!fields_.is_map()) {
      return std::nullopt;
    }
    ReadPer();
    ReadSpan();
    ReadMost();
    if (const Node* count = fields_.Find("count")) {
      limit_.own_gestures_only = ReadWord(context_, *count, kCount) == std::size_t{1};
    }
    if (const Node* reporter = fields_.Find("reported_by")) {
      if (const auto word = ReadWord(context_, *reporter, kReporterNames)) {
        limit_.reporter = static_cast<Reporter>(*word);
      }
    }
    return is_whole_ ? std::optional(std::move(limit_)) : std::nullopt;
  }

 private:
  void ReadPer() {
    const Node* per = fields_.Find("per");
    if (per == nullptr) {
      is_whole_ = false;
      return;
    }
    limit_.per_text = per->text;
    if (per->is_scalar() && per->text == "customer") {
      return;
    }
    // order.id behind no guard means the same, and counts together with it.
    if (per->is_scalar() && (per->text == "order" || per->text == "order.id")) {
      limit_.per_text = "order";
      limit_.per_order = true;
      return;
    }
    limit_.per = expressions_.Text(*per, {eligible_});
    is_whole_ = is_whole_ && limit_.per;
  }

  // Either a window or a period of the calendar.
  void ReadSpan() {
    static constexpr std::span kPeriods = std::span(kEveryNames).first(5);  // without once
    const Node* within = fields_.Find("within");
    const Node* every = fields_.Find("every");
    if ((within == nullptr) == (every == nullptr)) {
      context_.Error(node_, diagnostic_id::kBadLimit,
                     within == nullptr ? "a limit needs either 'within' or 'every'"
                                       : "a limit has either 'within' or 'every', not both",
                     within == nullptr
                         ? "within: 90d is a span of days, every: month the month of the calendar"
                         : "write two limits");
      is_whole_ = false;
    } else if (within != nullptr) {
      const std::optional<Duration> duration = ReadDuration(context_, *within, kWindow);
      limit_.within = duration.value_or(Duration(0));
      is_whole_ = is_whole_ && duration.has_value();
    } else if (const auto word = ReadWord(context_, *every, kPeriods)) {
      limit_.every = static_cast<Every>(*word);
    } else {
      is_whole_ = false;
    }
  }

  // Either a number or an amount.
  void ReadMost() {
    const Node* vouchers = fields_.Find("vouchers");
    const Node* amount = fields_.Find("amount");
    if ((vouchers == nullptr) == (amount == nullptr)) {
      context_.Error(node_, diagnostic_id::kBadLimit,
                     vouchers == nullptr ? "a limit needs either 'vouchers' or 'amount'"
                                         : "a limit has either 'vouchers' or 'amount', not both",
                     vouchers == nullptr ? "" : "write two limits");
      is_whole_ = false;
    } else if (vouchers != nullptr) {
      limit_.vouchers = ReadInteger(context_, *vouchers, 1, kCountMax).value_or(0);
      is_whole_ = is_whole_ && limit_.vouchers > 0;
    } else {
      Expression most = expressions_.Amount(*amount, {eligible_});
      if (most && most.program->constant() == nullptr) {
        limit_.amount_now = std::move(most);
      } else {
        limit_.amount = expressions_.FixedAmount(*amount, most, "the limit's amount");
      }
      is_whole_ = is_whole_ && limit_.is_amount();
    }
  }

  const FileContext& context_;
  const ExpressionReader& expressions_;
  const Node& node_;
  const Node* eligible_;
  Fields fields_;
  Limit limit_;
  bool is_whole_ = true;
};

}  // namespace

std::vector<Limit> ReadLimits(const FileContext& context, const ExpressionReader& expressions,
                              const Node& node, const Node* eligible) {
  std::vector<Limit> limits;
  for (const Node& item : Items(context, node, "'limits'", kLimitsMax)) {
    if (std::optional<Limit> limit = LimitReader(context, expressions, item, eligible).Read()) {
      limits.push_back(*std::move(limit));
    }
  }
  return limits;
}

std::optional<Fatigue> ReadFatigue(const FileContext& context, const Node& node) {
  const Fields fields(context, node, "'fatigue'",
                      {{"plain_apologies", Presence::kRequired}, {"within", Presence::kRequired}});
  const Node* count = fields.Find("plain_apologies");
  const Node* within = fields.Find("within");
  const auto most = count == nullptr ? std::nullopt : ReadInteger(context, *count, 0, kCountMax);
  const auto window = within == nullptr ? std::nullopt : ReadDuration(context, *within, kWindow);
  return most && window ? std::optional(Fatigue{.plain_apologies = *most, .within = *window})
                        : std::nullopt;
}

}  // namespace kulanz::policy
