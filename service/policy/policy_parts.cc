#include "service/policy/policy_parts.h"

#include <algorithm>

#include "service/domain/voucher_code.h"
#include "service/policy/clock_span.h"
#include "service/policy/diagnostic_ids.h"
#include "service/policy/limit_reader.h"
#include "service/policy/scalars.h"

namespace kulanz::policy {
namespace {

// The constants among the bounds are compared now, the others by the engine.
void CheckBounds(const FileContext& context, const ExpressionReader& expressions,
                 const Node* at_least, const Node* at_most, const AmountRule& rule) {
  std::optional<Money> low;
  std::optional<Money> high;
  if (at_least != nullptr) {
    low = expressions.FixedAmount(*at_least, rule.at_least, "'at_least'");
  }
  if (at_most != nullptr) {
    high = expressions.FixedAmount(*at_most, rule.at_most, "'at_most'");
  }
  if (low && high && low->Compare(*high) == std::partial_ordering::greater) {
    context.Error(
        *at_most, diagnostic_id::kAmountRange,
        "'at_most', " + high->ToString() + ", is less than 'at_least', " + low->ToString());
  }
}

std::string ReadPrefix(const FileContext& context, const Node& node) {
  const std::optional<std::string> text = ReadText(context, node, 1024);
  if (!text) {
    return {};
  }
  const bool good = text->size() <= VoucherCode::kPrefixBytesMax &&
                    std::all_of(text->begin(), text->end(), [](char c) {
                      return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
                    });
  if (!good) {
    context.Error(node, diagnostic_id::kBadName,
                  "'" + *text + "' is not a prefix for voucher codes",
                  "a prefix is written in capitals and digits, at most " +
                      std::to_string(VoucherCode::kPrefixBytesMax));
    return {};
  }
  return *text;
}

// Where the codes come from, when not from us.
void ReadPool(const FileContext& context, const Fields& fields, VoucherRule& rule) {
  static constexpr std::array<std::string_view, 3> kEmpty = {"deny", "review", "generate"};
  const Node* pool = fields.Find("pool");
  if (pool != nullptr) {
    rule.pool = ReadName(context, *pool, '-').value_or("");
  }
  const Node* when_empty = fields.Find("when_empty");
  if (when_empty != nullptr) {
    rule.when_empty = static_cast<WhenEmpty>(ReadWord(context, *when_empty, kEmpty).value_or(0));
  }
  const Node* low_at = fields.Find("low_at");
  if (low_at != nullptr) {
    rule.low_at = ReadInteger(context, *low_at, 0, kPoolLowAtMax).value_or(kPoolLowAtDefault);
  }
  if (pool == nullptr) {
    for (const auto& [node, key] : {std::pair(when_empty, "when_empty"), {low_at, "low_at"}}) {
      if (node != nullptr) {
        context.Error(*node, diagnostic_id::kMissingKey,
                      "'" + std::string(key) + "' needs the key 'pool'");
      }
    }
    return;
  }
  const Node* kind = fields.Find("kind");
  if (kind != nullptr && rule.stored_value) {
    context.Error(*kind, diagnostic_id::kPoolStoredValue,
                  "a code from a pool cannot be used in parts: what is left of it is known to the "
                  "shop's engine alone",
                  "leave 'kind' out, or 'pool'");
  }
  const Node* prefix = fields.Find("prefix");
  if (prefix != nullptr && rule.when_empty != WhenEmpty::kGenerate) {
    context.Error(*prefix, diagnostic_id::kBadPool,
                  "codes from a pool are told as the shop's engine has them, without a prefix",
                  "leave it out, or say 'when_empty: generate', which has codes to put it before");
  }
}

}  // namespace

AmountRule ReadAmountRule(const FileContext& context, const ExpressionReader& expressions,
                          const Node& node, const Node* eligible) {
  static constexpr std::array<std::string_view, 2> kBelow = {"raise", "skip"};
  static constexpr std::array<std::string_view, 7> kRounding = {
      "half_up", "half_even", "half_down", "up", "down", "ceiling", "floor"};
  const Fields fields(context, node, "'amount'",
                      {{"at_least"}, {"at_most"}, {"below_minimum"}, {"round"}});
  AmountRule rule;
  const Node* at_least = fields.Find("at_least");
  const Node* at_most = fields.Find("at_most");
  if (at_least != nullptr) {
    rule.at_least = expressions.Amount(*at_least, {eligible});
  }
  if (at_most != nullptr) {
    rule.at_most = expressions.Amount(*at_most, {eligible});
  }
  CheckBounds(context, expressions, at_least, at_most, rule);
  if (const Node* below = fields.Find("below_minimum")) {
    rule.below_minimum = static_cast<BelowMinimum>(ReadWord(context, *below, kBelow).value_or(0));
    if (at_least == nullptr) {
      context.Error(*below, diagnostic_id::kMissingKey, "'below_minimum' needs the key 'at_least'");
    }
  }
  if (const Node* round = fields.Find("round")) {
    const std::optional<std::size_t> word = ReadWord(context, *round, kRounding);
    rule.round =
        word ? ParseRounding(kRounding.at(*word)).value_or(Rounding::kHalfUp) : Rounding::kHalfUp;
  }
  return rule;
}

ReviewRule ReadReview(const FileContext& context, const ExpressionReader& expressions,
                      const Node& node) {
  const Fields fields(context, node, "'review'", {{"severity"}, {"above"}});
  ReviewRule rule;
  if (node.is_map() && node.entries.empty()) {
    context.Error(node, diagnostic_id::kEmptyValue, "'review' says nothing",
                  "give it severity, above or both");
  }
  if (const Node* severity = fields.Find("severity")) {
    if (const auto word = ReadWord(context, *severity, kSeverityNames)) {
      rule.severity = static_cast<kulanz::Severity>(*word);
    }
  }
  if (const Node* above = fields.Find("above")) {
    rule.above = expressions.FixedAmount(*above, "'above'");
  }
  return rule;
}

std::optional<Budget> ReadBudget(const FileContext& context, const ExpressionReader& expressions,
                                 const Node& node) {
  static constexpr std::array<std::string_view, 3> kExhausted = {"deny", "review", "apologise"};
  const Fields fields(context, node, "'budget'",
                      {{"name", Presence::kRequired},
                       {"amount", Presence::kRequired},
                       {"every", Presence::kRequired},
                       {"when_exhausted"}});
  std::optional<std::string> name;
  std::optional<Money> amount;
  std::optional<std::size_t> every;
  std::optional<std::size_t> exhausted = 0;
  if (const Node* value = fields.Find("name")) {
    name = ReadName(context, *value, '-');
  }
  if (const Node* value = fields.Find("amount")) {
    amount = expressions.FixedAmount(*value, "the budget");
  }
  if (const Node* value = fields.Find("every")) {
    every = ReadWord(context, *value, kEveryNames);
  }
  if (const Node* value = fields.Find("when_exhausted")) {
    exhausted = ReadWord(context, *value, kExhausted);
  }
  if (!name || !amount || !every || !exhausted) {
    return std::nullopt;
  }
  return Budget{.name = *name,
                .amount = *amount,
                .every = static_cast<Every>(*every),
                .when_exhausted = static_cast<WhenExhausted>(*exhausted)};
}

VoucherRule ReadVoucher(const FileContext& context, const ExpressionReader& expressions,
                        const Node& node) {
  static constexpr std::array<std::string_view, 2> kKinds = {"single_use", "stored_value"};
  const Fields fields(context, node, "'voucher'",
                      {{"valid_for", Presence::kRequired},
                       {"prefix"},
                       {"kind"},
                       {"minimum_order"},
                       {"transferable"},
                       {"pool"},
                       {"when_empty"},
                       {"low_at"}});
  VoucherRule rule;
  if (const Node* valid_for = fields.Find("valid_for")) {
    rule.valid_for_days = ReadDays(context, *valid_for, kDaysMax).value_or(1);
  }
  if (const Node* prefix = fields.Find("prefix")) {
    rule.prefix = ReadPrefix(context, *prefix);
  }
  if (const Node* kind = fields.Find("kind")) {
    rule.stored_value = ReadWord(context, *kind, kKinds).value_or(0) == 1;
  }
  if (const Node* minimum = fields.Find("minimum_order")) {
    rule.minimum_order = expressions.FixedAmount(*minimum, "'minimum_order'");
  }
  if (const Node* transferable = fields.Find("transferable")) {
    rule.transferable = ReadBoolean(context, *transferable).value_or(false);
  }
  ReadPool(context, fields, rule);
  return rule;
}

namespace {

std::optional<FollowUp> ReadFollowUp(const FileContext& context, const Node& node, const char* what,
                                     const char* distance, DurationRange range) {
  const Fields fields(context, node, what,
                      {{"message", Presence::kRequired}, {distance, Presence::kRequired}});
  const Node* const message = fields.Find("message");
  const Node* const length = fields.Find(distance);
  if (message == nullptr || length == nullptr) {
    return std::nullopt;
  }
  return FollowUp{ReadName(context, *message, '-').value_or(""),
                  ReadDuration(context, *length, range).value_or(kOneDay)};
}

}  // namespace

DeliveryRule ReadDelivery(const FileContext& context, const Node& node,
                          const std::string& zone_name) {
  static constexpr std::array<std::string_view, 3> kChannels = {"customer", "email", "webhook"};
  const Fields fields(context, node, "'delivery'",
                      {{"message", Presence::kRequired},
                       {"signed_by", Presence::kRequired},
                       {"wait"},
                       {"quiet_hours"},
                       {"channel"},
                       {"reminder"},
                       {"feedback"},
                       {"message_by_severity"}});
  DeliveryRule rule;
  if (const Node* message = fields.Find("message")) {
    rule.message = ReadName(context, *message, '-').value_or("");
  }
  if (const Node* signed_by = fields.Find("signed_by")) {
    rule.signed_by = ReadName(context, *signed_by, '-').value_or("");
  }
  if (const Node* wait = fields.Find("wait")) {
    rule.wait = ReadDuration(context, *wait, {.min = Duration(0), .max = kOneDay * 30})
                    .value_or(Duration(0));
  }
  if (const Node* quiet = fields.Find("quiet_hours")) {
    if (const std::optional<ClockSpan> span = ReadClockSpan(context, *quiet, "21:00-08:00")) {
      rule.quiet_hours =
          QuietHours{.from = span->from, .until = span->until % kOneDay, .zone = zone_name};
    }
  }
  if (const Node* channel = fields.Find("channel")) {
    if (const auto word = ReadWord(context, *channel, kChannels).value_or(0); word > 0) {
      rule.channel = word == 1 ? Channel::kEmail : Channel::kWebhook;
    }
  }
  if (const Node* reminder = fields.Find("reminder")) {
    rule.reminder = ReadFollowUp(context, *reminder, "'reminder'", "before",
                                 {.min = kOneDay, .max = kOneDay * 365});
  }
  if (const Node* feedback = fields.Find("feedback")) {
    rule.feedback = ReadFollowUp(context, *feedback, "'feedback'", "after",
                                 {.min = kOneDay, .max = kOneDay * 90});
  }
  if (const Node* special = fields.Find("message_by_severity")) {
    const Fields severities(context, *special, "'message_by_severity'",
                            {{"mild"}, {"serious"}, {"severe"}});
    for (std::size_t i = 0; i < kSeverityNames.size(); ++i) {
      if (const Node* message = severities.Find(kSeverityNames.at(i))) {
        rule.message_by_severity.at(i) = ReadName(context, *message, '-').value_or("");
      }
    }
  }
  return rule;
}

}  // namespace kulanz::policy
