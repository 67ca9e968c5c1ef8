// The names of time zones that the system knows, for suggestions.
//
// Thread-safe.
#pragma once

#include <string>
#include <vector>

namespace kulanz::policy {

// From tzdata.zi of the system's tz database; empty where there is none. Read anew by each call: only a
// misspelt zone asks.
std::vector<std::string> ReadZoneNames();

}  // namespace kulanz::policy
