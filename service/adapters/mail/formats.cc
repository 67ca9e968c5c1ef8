#include "service/adapters/mail/formats.h"

#include <unicode/dtptngen.h>
#include <unicode/gregocal.h>
#include <unicode/measunit.h>
#include <unicode/numberformatter.h>
#include <unicode/smpdtfmt.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <vector>

#include "service/base/check.h"

namespace kulanz::adapters {
namespace {

// Locales in use at once; a flood of odd ones starts over.
constexpr std::size_t kCachedMax = 64;

std::string ToUtf8(const icu::UnicodeString& text) {
  std::string out;
  text.toUTF8String(out);
  for (std::size_t at = 0; (at = out.find("\u202F", at)) != std::string::npos;) {
    out.replace(at, 3, "\u00A0");
  }
  return out;
}

std::string Text(const icu::number::FormattedNumber& number, UErrorCode error) {
  icu::UnicodeString text = number.toString(error);
  KULANZ_CHECK(U_SUCCESS(error), "ICU formats any number that domain types can hold");
  return ToUtf8(text);
}

bool IsAlpha(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}
bool IsDigits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}
std::string Cased(std::string_view text, bool upper_first, bool upper_rest) {
  std::string out(text);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const bool upper = i == 0 ? upper_first : upper_rest;
    if (upper && out[i] >= 'a' && out[i] <= 'z') out[i] = static_cast<char>(out[i] - 32);
    if (!upper && out[i] >= 'A' && out[i] <= 'Z') out[i] = static_cast<char>(out[i] + 32);
  }
  return out;
}

std::vector<std::string_view> Subtags(std::string_view tag) {
  std::vector<std::string_view> out;
  while (true) {
    const std::size_t end = std::min(tag.find_first_of("-_."), tag.size());
    out.push_back(tag.substr(0, end));
    if (end == tag.size()) return out;
    tag.remove_prefix(end + 1);
  }
}

}  // namespace

std::string CanonicalLocale(std::string_view tag) {
  const std::vector<std::string_view> subtags = Subtags(tag);
  const std::string_view language = subtags[0];
  if (language.size() < 2 || language.size() > 3 || !IsAlpha(language)) return {};
  std::string out = Cased(language, false, false);
  std::size_t next = 1;
  if (next < subtags.size() && subtags[next].size() == 4 && IsAlpha(subtags[next])) {
    out += "-" + Cased(subtags[next++], true, false);
  }
  if (next < subtags.size()) {
    const std::string_view region = subtags[next];
    if ((region.size() == 2 && IsAlpha(region)) || (region.size() == 3 && IsDigits(region))) {
      out += "-" + Cased(region, true, true);
    }
  }
  return out;
}

struct Formats::Impl {
  using Formatter = icu::number::LocalizedNumberFormatter;

  explicit Impl(const std::string& tag)
      : locale(icu::Locale::createCanonical(tag.c_str())),
        numbers(icu::number::NumberFormatter::withLocale(locale)),
        days(Units(icu::MeasureUnit::getDay())),
        hours(Units(icu::MeasureUnit::getHour())),
        minutes(Units(icu::MeasureUnit::getMinute())) {
    UErrorCode error = U_ZERO_ERROR;
    const std::unique_ptr<icu::DateTimePatternGenerator> patterns(
        icu::DateTimePatternGenerator::createInstance(locale, error));
    const auto make = [&](const char* skeleton) {
      const icu::UnicodeString pattern = patterns->getBestPattern(skeleton, error);
      auto format = std::make_unique<icu::SimpleDateFormat>(pattern, locale, error);
      format->adoptCalendar(new icu::GregorianCalendar(*icu::TimeZone::getGMT(), locale, error));
      return format;
    };
    KULANZ_CHECK(U_SUCCESS(error), "ICU's own data must be there");
    long_date = make("yMMMMd");
    weekday_date = make("yMMMMEEEEd");
    time = make("jmm");
    KULANZ_CHECK(U_SUCCESS(error), "ICU has patterns for every locale");
  }

  // Local fields are shown as if they were UTC: the zone's rules have been applied before.
  std::string Show(const icu::SimpleDateFormat& format, std::chrono::seconds since_epoch) const {
    const std::lock_guard lock(mutex);  // a date format works on a calendar of its own
    icu::UnicodeString text;
    format.format(static_cast<UDate>(since_epoch.count()) * U_MILLIS_PER_SECOND, text);
    return ToUtf8(text);
  }

  static std::string Measure(const Formatter& formatter, std::int64_t count) {
    UErrorCode error = U_ZERO_ERROR;
    return Text(formatter.formatInt(count, error), error);
  }

  // A formatter that stays compiles itself; made anew for each amount it would take ten times as long.
  const Formatter& AmountsIn(Currency currency) const {
    const std::lock_guard lock(mutex);
    const auto found = amounts.find(currency);
    if (found != amounts.end()) return found->second;
    UErrorCode error = U_ZERO_ERROR;
    const std::string code(currency.code());
    const icu::CurrencyUnit unit(icu::StringPiece(code), error);
    const auto precision = icu::number::Precision::fixedFraction(currency.exponent());
    return amounts.emplace(currency, numbers.unit(unit).precision(precision)).first->second;
  }

  Formatter Units(const icu::MeasureUnit& unit) const {
    return numbers.unit(unit).unitWidth(UNUM_UNIT_WIDTH_FULL_NAME);
  }

  const icu::Locale locale;
  const Formatter numbers;
  const Formatter days;
  const Formatter hours;
  const Formatter minutes;
  mutable std::mutex mutex;  // of the date formats and the map, not of the formatters in it
  mutable std::map<Currency, Formatter> amounts;
  std::unique_ptr<icu::SimpleDateFormat> long_date;
  std::unique_ptr<icu::SimpleDateFormat> weekday_date;
  std::unique_ptr<icu::SimpleDateFormat> time;
};

std::shared_ptr<const Formats> Formats::For(const std::string& locale) {
  static std::mutex mutex;
  static std::map<std::string, std::shared_ptr<const Formats>> made;
  const std::lock_guard lock(mutex);
  if (made.size() >= kCachedMax && !made.contains(locale)) made.clear();
  std::shared_ptr<const Formats>& formats = made[locale];
  if (formats == nullptr) formats = std::make_shared<const Formats>(locale);
  return formats;
}

Formats::Formats(const std::string& locale) : impl_(std::make_unique<Impl>(locale)) {}
Formats::~Formats() = default;

std::string Formats::Amount(Money money) const {
  UErrorCode error = U_ZERO_ERROR;
  return Text(impl_->AmountsIn(money.currency()).formatDecimal(money.Number(), error), error);
}

std::string Formats::Number(Decimal number) const {
  UErrorCode error = U_ZERO_ERROR;
  const auto formatted =
      impl_->numbers.precision(icu::number::Precision::minMaxFraction(0, number.scale()))
          .formatDecimal(number.ToString(), error);
  return Text(formatted, error);
}

std::string Formats::LongDate(Date date) const {
  return impl_->Show(*impl_->long_date, date.time_since_epoch());
}

std::string Formats::DateWithWeekday(Date date) const {
  return impl_->Show(*impl_->weekday_date, date.time_since_epoch());
}

std::string Formats::TimeOfDay(const CivilTime& time) const {
  return impl_->Show(*impl_->time, time.day.time_since_epoch() + time.time_of_day);
}

std::string Formats::Days(std::int64_t days) const { return Impl::Measure(impl_->days, days); }

std::string Formats::Span(Duration span) const {
  using std::chrono::duration_cast;
  const auto minutes = duration_cast<std::chrono::minutes>(span).count();
  constexpr std::int64_t kHour = 60;
  constexpr std::int64_t kDay = 24 * kHour;
  if (minutes != 0 && (minutes % kDay == 0 || minutes > 3 * kDay)) return Days(minutes / kDay);
  if (minutes != 0 && (minutes % kHour == 0 || minutes > 3 * kHour)) {
    return Impl::Measure(impl_->hours, minutes / kHour);
  }
  return Impl::Measure(impl_->minutes, minutes);
}

}  // namespace kulanz::adapters
