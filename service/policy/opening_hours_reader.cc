#include "service/policy/opening_hours_reader.h"

#include <algorithm>
#include <bitset>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "service/cel/time_text.h"
#include "service/policy/diagnostic_ids.h"
#include "service/policy/scalars.h"
#include "service/policy/suggest.h"

namespace kulanz::policy {
namespace {

using Intervals = std::vector<cel::OpenInterval>;

// Monday is 0; a holiday comes behind the week.
constexpr std::size_t kHoliday = kWeekdays.size();
constexpr std::chrono::minutes kDayEnd = std::chrono::hours(24);

struct DayRange {
  std::size_t first = 0;
  std::size_t last = 0;
};

std::optional<std::size_t> FindWeekday(std::string_view name) {
  const auto found = std::find(kWeekdays.begin(), kWeekdays.end(), name);
  return found == kWeekdays.end()
             ? std::nullopt
             : std::optional(static_cast<std::size_t>(found - kWeekdays.begin()));
}

// "saturday", "monday-friday", "holiday".
std::optional<DayRange> ReadDays(const FileContext& context, const Node& key) {
  const std::string_view text = key.text;
  if (text == "holiday") {
    return DayRange{kHoliday, kHoliday};
  }
  const std::size_t dash = text.find('-');
  const std::string_view last_name = dash == std::string_view::npos ? text : text.substr(dash + 1);
  const std::optional<std::size_t> first = FindWeekday(text.substr(0, dash));
  const std::optional<std::size_t> last = FindWeekday(last_name);
  if (first && last && *first <= *last) {
    return DayRange{*first, *last};
  }
  std::vector<std::string_view> known(kWeekdays.begin(), kWeekdays.end());
  known.push_back("holiday");
  context.Error(key, diagnostic_id::kUnknownWord, "'" + key.text + "' names no days",
                first && last ? "write the days from Monday to Sunday"
                              : DidYouMean(first ? last_name : text.substr(0, dash), known,
                                           "write e.g. monday-friday; days are"));
  return std::nullopt;
}

std::optional<std::chrono::minutes> ParseEnd(std::string_view text) {
  if (text == "24:00") {
    return kDayEnd;
  }
  const std::optional<std::chrono::seconds> time = cel::ParseTimeOfDay(text);
  return time ? std::optional(std::chrono::duration_cast<std::chrono::minutes>(*time))
              : std::nullopt;
}

// "08:00-18:00", after the interval before it.
void ReadInterval(const FileContext& context, const Node& node, Intervals& intervals) {
  const std::optional<std::string> text = ReadRaw(context, node);
  if (!text) {
    return;
  }
  const std::size_t dash = text->find('-');
  const auto from = ParseEnd(std::string_view(*text).substr(0, dash));
  const auto until =
      dash == std::string::npos ? std::nullopt : ParseEnd(std::string_view(*text).substr(dash + 1));
  if (!from || !until || *from >= *until) {
    context.Error(node, diagnostic_id::kBadHours, "'" + *text + "' is no span of a day",
                  "write when it begins and ends, e.g. 08:00-18:00; the last end is 24:00");
  } else if (!intervals.empty() && *from < intervals.back().until) {
    context.Error(node, diagnostic_id::kBadHours,
                  "'" + *text + "' begins before the one above ends",
                  "write the spans of a day in their order");
  } else {
    intervals.push_back({.from = *from, .until = *until});
  }
}

// A span, a list of spans, or `closed`.
Intervals ReadIntervals(const FileContext& context, const Node& node) {
  Intervals intervals;
  if (node.is_list()) {
    for (const Node& item :
         Items(context, node, "the hours of a day", cel::OpeningHours::kMaxIntervals)) {
      ReadInterval(context, item, intervals);
    }
  } else if (!node.is_scalar() || node.text != "closed") {
    ReadInterval(context, node, intervals);
  }
  return intervals;
}

}  // namespace

cel::WeeklyHours ReadOpeningHours(const FileContext& context, const Node& node) {
  cel::WeeklyHours hours;
  if (!node.is_map()) {
    context.Error(node, diagnostic_id::kWrongShape,
                  "'hours' must be a mapping (monday-friday: 08:00-18:00), not " +
                      std::string(ShapeName(node)));
    return hours;
  }
  std::bitset<kHoliday + 1> named;
  for (const Node::Entry& entry : node.entries) {
    const std::optional<DayRange> days = ReadDays(context, entry.key);
    const Intervals intervals = ReadIntervals(context, entry.value);
    for (std::size_t day = days ? days->first : 1; day <= (days ? days->last : 0); ++day) {
      if (named.test(day)) {
        context.Error(
            entry.key, diagnostic_id::kDuplicateItem,
            std::string(day == kHoliday ? "holiday" : kWeekdays.at(day)) + " is given twice");
        break;
      }
      named.set(day);
      (day == kHoliday ? hours.holiday : hours.weekdays.at(day)) = intervals;
    }
  }
  return hours;
}

}  // namespace kulanz::policy
