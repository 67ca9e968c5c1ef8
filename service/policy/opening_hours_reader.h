// The opening hours of a calendar: {monday-friday: 08:00-18:00, saturday: [09:00-12:00, 13:00-16:00],
// holiday: closed}. A day that is not named is closed.
//
// Thread-safe.
#pragma once

#include <array>
#include <string_view>

#include "service/cel/opening_hours.h"
#include "service/policy/fields.h"

namespace kulanz::policy {

inline constexpr std::array<std::string_view, 7> kWeekdays = {
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};

// Reports every mistake; the hours without it are there all the same.
cel::WeeklyHours ReadOpeningHours(const FileContext& context, const Node& node);

}  // namespace kulanz::policy
