// Calendars: calendars.yaml, the working days and opening hours that expressions name.
//
// Thread-safe.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "service/cel/calendar.h"
#include "service/policy/fields.h"

namespace kulanz::policy {

using Calendars = std::map<std::string, std::shared_ptr<const cel::Calendar>, std::less<>>;

inline constexpr std::size_t kCalendarsMax = 100;
inline constexpr std::size_t kHolidaysMax = 4'000;  // of one calendar: forty a year, for a century

// "DE-BY", "england": a letter, then letters, digits, '-' and '_', at most 64.
bool IsCalendarName(std::string_view text);

// Reads what it can and reports the rest; a calendar with a mistake is there all the same, so that the
// expressions that name it are not blamed.
Calendars ReadCalendars(const FileContext& context, const Node& root);

}  // namespace kulanz::policy
