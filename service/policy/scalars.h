// Scalars: what a field's text means, read strictly and with a message for every other text.
//
// Each reads one node and returns nothing after it reported why it could not. Nothing is guessed: 010 is
// no number, yes is no boolean, and text that another YAML reader might take for a boolean or a number
// must stand in quotes.
//
// Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "service/domain/currency.h"
#include "service/domain/time.h"
#include "service/policy/fields.h"

namespace kulanz::policy {

// The text of a scalar, whatever it looks like: for expressions.
std::optional<std::string> ReadRaw(const FileContext& context, const Node& node);

// Text for people, one line, 1 to `bytes_max` bytes.
std::optional<std::string> ReadText(const FileContext& context, const Node& node,
                                    std::size_t bytes_max);

// A name: a lower-case letter, then lower-case letters, digits and '-' or '_' (whatever `separator`
// is), at most 64. Names stand in metrics, keys and file names.
std::optional<std::string> ReadName(const FileContext& context, const Node& node, char separator);
bool IsName(std::string_view text, char separator);
inline constexpr std::size_t kNameLengthMax = 64;

// UPPER_SNAKE_CASE, at most 63: a reason.
std::optional<std::string> ReadReason(const FileContext& context, const Node& node);

std::optional<std::int64_t> ReadInteger(const FileContext& context, const Node& node,
                                        std::int64_t min, std::int64_t max);
std::optional<bool> ReadBoolean(const FileContext& context, const Node& node);
std::optional<Date> ReadDate(const FileContext& context, const Node& node);

inline constexpr std::chrono::hours kOneDay(24);

// "90d", "72h", "10m", "30s", "2w", more than one unit is not allowed. A day is kOneDay, a week 7 days.
struct DurationRange {
  Duration min;
  Duration max;
};
std::optional<Duration> ReadDuration(const FileContext& context, const Node& node,
                                     DurationRange range);
// "180d" or "26w": whole days of the calendar.
std::optional<int> ReadDays(const FileContext& context, const Node& node, int max);
// The largest unit that divides it: "90d", "36h", "1500ms".
std::string DurationText(Duration duration);

std::optional<Currency> ReadCurrency(const FileContext& context, const Node& node);

// One of `words`; the index into them.
std::optional<std::size_t> ReadWord(const FileContext& context, const Node& node,
                                    std::span<const std::string_view> words);

}  // namespace kulanz::policy
