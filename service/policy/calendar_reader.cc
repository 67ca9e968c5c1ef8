#include "service/policy/calendar_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "service/policy/diagnostic_ids.h"
#include "service/policy/incident_type_reader.h"
#include "service/policy/opening_hours_reader.h"
#include "service/policy/scalars.h"

namespace kulanz::policy {
namespace {

struct Years {
  int first = 0;
  int last = 0;
};

std::optional<int> ParseYear(std::string_view text) {
  int year = 0;
  const bool digits = text.size() == 4 && std::all_of(text.begin(), text.end(),
                                                      [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || std::from_chars(text.data(), text.data() + 4, year).ec != std::errc()) {
    return std::nullopt;
  }
  return year > 0 ? std::optional(year) : std::nullopt;
}

// "2026" or "2024-2027".
std::optional<Years> ReadYears(const FileContext& context, const Node& node) {
  const std::optional<std::string> text = ReadRaw(context, node);
  if (!text) {
    return std::nullopt;
  }
  const std::string_view whole = *text;
  const std::optional<int> first =
      ParseYear(whole.substr(0, std::min<std::size_t>(4, whole.size())));
  const std::optional<int> last =
      whole.size() == 9 && whole[4] == '-' ? ParseYear(whole.substr(5)) : first;
  if (!first || !last || (whole.size() != 4 && whole.size() != 9)) {
    context.Error(node, diagnostic_id::kBadYears,
                  "'" + *text + "' is neither a year nor a span of years",
                  "write e.g. 2026 or 2024-2027");
    return std::nullopt;
  }
  if (*last < *first || *last - *first >= cel::Calendar::kMaxYears) {
    context.Error(
        node, diagnostic_id::kOutOfRange, "'" + *text + "' is no span of years",
        "it goes forward, over at most " + std::to_string(cel::Calendar::kMaxYears) + " years");
    return std::nullopt;
  }
  return Years{*first, *last};
}

class CalendarReader {
 public:
  CalendarReader(const FileContext& context, const Node& node)
      : context_(context),
        node_(node),
        fields_(context, node, "a calendar",
                {{"years", Presence::kRequired}, {"weekend"}, {"holidays"}, {"hours"}}) {}

  std::shared_ptr<const cel::Calendar> Read() {
    // One for which there are no years covers none that anybody asks for.
    Years years{.first = 1, .last = 1};
    const std::size_t problems = context_.sink.count();
    const Node* const node = fields_.Find("years");
    const std::optional<Years> read = node != nullptr ? ReadYears(context_, *node) : std::nullopt;
    years = read.value_or(years);
    spec_.first_year = years.first;
    spec_.last_year = years.last;
    if (const Node* weekend = fields_.Find("weekend")) {
      ReadWeekend(*weekend);
    }
    if (const Node* holidays = fields_.Find("holidays")) {
      ReadHolidays(*holidays, read);
    }
    if (const Node* hours = fields_.Find("hours")) {
      spec_.hours = ReadOpeningHours(context_, *hours);
    }
    const auto calendar = cel::Calendar::Make(spec_);
    if (!calendar.ok()) {
      if (context_.sink.count() == problems) {  // else it is the shadow of another mistake
        context_.Error(node_, diagnostic_id::kBadCalendar, "the calendar does not fit together",
                       calendar.status().message());
      }
      spec_ = {.first_year = years.first, .last_year = years.last};
      return cel::Calendar::Make(spec_).value();
    }
    return calendar.value();
  }

 private:
  void ReadWeekend(const Node& node) {
    spec_.weekend.clear();
    for (const Node& item : Items(context_, node, "'weekend'", kWeekdays.size())) {
      if (const std::optional<std::size_t> day = ReadWord(context_, item, kWeekdays)) {
        const int number = static_cast<int>(*day) + 1;
        if (std::find(spec_.weekend.begin(), spec_.weekend.end(), number) != spec_.weekend.end()) {
          context_.Error(item, diagnostic_id::kDuplicateItem,
                         "'" + item.text + "' is listed twice");
        } else {
          spec_.weekend.push_back(number);
        }
      }
    }
  }

  void ReadHolidays(const Node& node, const std::optional<Years>& years) {
    std::set<Date> seen;
    for (const Node& item : Items(context_, node, "'holidays'", kHolidaysMax)) {
      const Node* day = &item;
      if (item.is_map()) {
        const Fields fields(context_, item, "a holiday", {{"date", Presence::kRequired}, {"name"}});
        day = fields.Find("date");
        if (const Node* name = fields.Find("name")) {
          ReadText(context_, *name, kHolidayNameBytesMax);
        }
      }
      const std::optional<Date> date = day != nullptr ? ReadDate(context_, *day) : std::nullopt;
      if (!date || !years) {
        continue;
      }
      const int year = static_cast<int>(std::chrono::year_month_day(*date).year());
      if (year < years->first || year > years->last) {
        context_.Error(*day, diagnostic_id::kOutOfRange,
                       "the holiday " + FormatDate(*date) + " is outside of the calendar's years",
                       "the calendar answers for the days of its years only");
      } else if (!seen.insert(*date).second) {
        context_.Error(*day, diagnostic_id::kDuplicateItem, FormatDate(*date) + " is listed twice");
      } else {
        spec_.holidays.push_back(*date);
      }
    }
  }

  static constexpr std::size_t kHolidayNameBytesMax = 200;

  const FileContext& context_;
  const Node& node_;
  Fields fields_;
  cel::CalendarSpec spec_;
};

}  // namespace

bool IsCalendarName(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !text.empty() && text.size() <= kNameLengthMax && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [&is_letter](char c) {
           return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_';
         });
}

Calendars ReadCalendars(const FileContext& context, const Node& root) {
  Calendars calendars;
  const Fields fields(context, root, "calendars.yaml",
                      {{"kulanz", Presence::kRequired}, {"calendars", Presence::kRequired}});
  CheckVersion(context, fields);
  const Node* const node = fields.Find("calendars");
  if (node == nullptr) {
    return calendars;
  }
  if (!node->is_map()) {
    context.Error(
        *node, diagnostic_id::kWrongShape,
        "'calendars' must be a mapping (name: {years: ...}), not " + std::string(ShapeName(*node)));
    return calendars;
  }
  if (node->entries.size() > kCalendarsMax) {
    context.Error(node->entries[kCalendarsMax].key, diagnostic_id::kTooManyItems,
                  "there may be at most " + std::to_string(kCalendarsMax) + " calendars");
    return calendars;
  }
  for (const Node::Entry& entry : node->entries) {
    if (!IsCalendarName(entry.key.text)) {
      context.Error(entry.key, diagnostic_id::kBadName,
                    "'" + entry.key.text + "' is not a name for a calendar",
                    "a name is a letter, then letters, digits, '-' and '_', at most " +
                        std::to_string(kNameLengthMax));
    }
    calendars.emplace(entry.key.text, CalendarReader(context, entry.value).Read());
  }
  return calendars;
}

}  // namespace kulanz::policy
