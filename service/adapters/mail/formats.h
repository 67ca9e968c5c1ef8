// Formats: money, dates, times, numbers and spans as a reader of one locale expects them.
//
//   const std::shared_ptr<const Formats> formats = Formats::For("de-CH");
//   formats->Amount(money);          "CHF 20.00"
//   formats->LongDate(date);         "31. Dezember 2026"
//
// ICU decides. Making a Formats is slow (milliseconds), so For() keeps those it made. Times are local
// fields, already in the reader's zone (base/time_zone.h). Narrow no-break spaces become ordinary
// no-break ones, which every mail client's fonts have.
//
// Thread-safety: any thread. Cannot fail: an unknown locale formats as its nearest relative, at last root.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "service/base/time_zone.h"
#include "service/domain/decimal.h"
#include "service/domain/money.h"
#include "service/domain/time.h"

namespace kulanz::adapters {

class Formats {
 public:
  // `locale`: as CanonicalLocale() gives it.
  static std::shared_ptr<const Formats> For(const std::string& locale);

  explicit Formats(const std::string& locale);
  ~Formats();
  Formats(const Formats&) = delete;
  Formats& operator=(const Formats&) = delete;

  std::string Amount(Money money) const;         // "12,50 €", with the currency's own decimals
  std::string Number(Decimal number) const;      // "1.234,5"
  std::string LongDate(Date date) const;         // "31. Dezember 2026"
  std::string DateWithWeekday(Date date) const;  // "Donnerstag, 31. Dezember 2026"
  std::string TimeOfDay(const CivilTime& time) const;  // "14:30", "2:30 PM"
  std::string Days(std::int64_t days) const;           // "3 Tage", "1 day"
  std::string Span(
      Duration span) const;  // in the largest unit that is whole or above two: "36 Stunden"

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Language, script and region of a BCP 47 tag or its likes ("de_ch" -> "de-CH"); extensions are dropped.
// Empty when it is none.
std::string CanonicalLocale(std::string_view tag);

}  // namespace kulanz::adapters
