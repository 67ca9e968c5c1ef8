#include "service/base/time_zone.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <system_error>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace kulanz {

struct TimeZone::Rep {
  std::string name;
  absl::TimeZone zone;

  // The one Rep of a name. Kept for ever, and bounded: only names that the system knows and the 2,879
  // possible offsets get in.
  static const Rep* Intern(std::string_view name, const absl::TimeZone& zone);
  static const Rep* Find(std::string_view name);

 private:
  using Table = std::map<std::string, const Rep, std::less<>>;
  static std::mutex& Lock() {
    static std::mutex mutex;
    return mutex;
  }
  static Table& All() {
    static auto* const table = new Table;  // never destroyed: handles may outlive static objects
    return *table;
  }
};

namespace {

constexpr std::int64_t kSecondsPerDay = 86'400;

// The names of the IANA database only: abseil would also open paths and "localtime".
bool IsZoneName(std::string_view name) {
  constexpr std::size_t kMaxNameBytes = 64;  // the longest of IANA has 32
  if (name.empty() || name.size() > kMaxNameBytes || name.front() == '/' || name == "localtime") {
    return false;
  }
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool digit = c >= '0' && c <= '9';
    if (!letter && !digit && c != '_' && c != '-' && c != '+' && c != '/') {
      return false;
    }
  }
  return true;
}

// Zones have names such as "Europe/Berlin" and "UTC"; "posix/..." and "right/..." repeat them, and files
// that are no zones have a dot, or only small letters, in their names.
std::vector<std::string> ListNames(const std::filesystem::path& folder) {
  namespace fs = std::filesystem;
  std::vector<std::string> names;
  std::error_code error;
  for (auto entry = fs::recursive_directory_iterator(folder, error);
       !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().lexically_relative(folder).generic_string();
    const bool is_capital = !name.empty() && name.front() >= 'A' && name.front() <= 'Z';
    if (!is_capital && entry->is_directory(error)) {
      entry.disable_recursion_pending();
    } else if (is_capital && IsZoneName(name) && entry->is_regular_file(error)) {
      names.push_back(name);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

int TwoDigits(std::string_view text) { return (text[0] - '0') * 10 + (text[1] - '0'); }

}  // namespace

const TimeZone::Rep* TimeZone::Rep::Find(std::string_view name) {
  const std::lock_guard lock(Lock());
  const auto found = All().find(name);
  return found == All().end() ? nullptr : &found->second;
}

const TimeZone::Rep* TimeZone::Rep::Intern(std::string_view name, const absl::TimeZone& zone) {
  const std::lock_guard lock(Lock());
  return &All().try_emplace(std::string(name), Rep{std::string(name), zone}).first->second;
}

TimeZone::TimeZone() {
  static const Rep* const utc = Rep::Intern("UTC", absl::UTCTimeZone());
  rep_ = utc;
}

std::optional<TimeZone> TimeZone::Load(std::string_view name) {
  if (const Rep* known = Rep::Find(name)) {
    return TimeZone(known);
  }
  absl::TimeZone zone;
  if (!IsZoneName(name) || !absl::LoadTimeZone(std::string(name), &zone)) {
    return std::nullopt;
  }
  return TimeZone(Rep::Intern(name, zone));
}

std::optional<TimeZone> TimeZone::FromOffset(std::string_view offset) {
  std::string_view digits = offset;
  const bool west = !digits.empty() && digits.front() == '-';
  if (!digits.empty() && (digits.front() == '-' || digits.front() == '+')) {
    digits.remove_prefix(1);
  }
  if (digits.size() != 5 || digits[2] != ':') {
    return std::nullopt;
  }
  for (const std::size_t i : {0U, 1U, 3U, 4U}) {
    if (digits[i] < '0' || digits[i] > '9') {
      return std::nullopt;
    }
  }
  const int h = TwoDigits(digits);
  const int m = TwoDigits(digits.substr(3));
  if (h > 23 || m > 59) {
    return std::nullopt;
  }
  std::string name(1, west ? '-' : '+');
  name += digits;
  if (const Rep* known = Rep::Find(name)) {
    return TimeZone(known);
  }
  const int seconds = (h * 60 + m) * 60;
  return TimeZone(Rep::Intern(name, absl::FixedTimeZone(west ? -seconds : seconds)));
}

const std::string& TimeZone::name() const { return rep_->name; }

CivilTime TimeZone::AtSecond(std::int64_t unix_seconds) const {
  const absl::TimeZone::CivilInfo info = rep_->zone.At(absl::FromUnixSeconds(unix_seconds));
  const std::int64_t local = unix_seconds + info.offset;
  const std::int64_t day = local / kSecondsPerDay - (local % kSecondsPerDay < 0 ? 1 : 0);
  return {Date(std::chrono::days(day)), std::chrono::seconds(local - day * kSecondsPerDay),
          std::chrono::seconds(info.offset)};
}

CivilTime TimeZone::At(Instant instant) const {
  return AtSecond(std::chrono::floor<std::chrono::seconds>(instant).time_since_epoch().count());
}

std::optional<TimeZone::Change> TimeZone::NextChange(std::int64_t unix_seconds) const {
  absl::TimeZone::CivilTransition change;
  if (!rep_->zone.NextTransition(absl::FromUnixSeconds(unix_seconds), &change)) {
    return std::nullopt;
  }
  const absl::TimeZone::TimeInfo info = rep_->zone.At(change.to);
  const auto day_of = [](const absl::CivilSecond& second) {
    return Date(std::chrono::days(absl::CivilDay(second) - absl::CivilDay(1970, 1, 1)));
  };
  return Change{absl::ToUnixSeconds(info.trans), day_of(std::min(change.from, change.to)),
                day_of(std::max(change.from, change.to))};
}

const std::vector<std::string>& TimeZone::Names() {
  static const auto* const names = [] {
    const char* const folder = std::getenv("TZDIR");
    return new std::vector<std::string>(
        ListNames(folder != nullptr ? folder : "/usr/share/zoneinfo"));
  }();
  return *names;
}

TimeZone::Instant TimeZone::InstantOf(Date day, std::chrono::seconds time_of_day) const {
  const absl::CivilDay civil = absl::CivilDay(1970, 1, 1) + day.time_since_epoch().count();
  const absl::CivilSecond second = absl::CivilSecond(civil) + time_of_day.count();
  const absl::TimeZone::TimeInfo info = rep_->zone.At(second);
  // In a gap `trans` is the moment at which the clocks went forward.
  const absl::Time time = info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : info.pre;
  return Instant(std::chrono::milliseconds(absl::ToUnixMillis(time)));
}

}  // namespace kulanz
