#include "service/domain/currency.h"

#include <algorithm>

namespace kulanz {
namespace {

// Codes by exponent, each list sorted. Everything that is in use and not listed under 0, 3 or 4 has 2.
constexpr std::string_view kExponent0[] = {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW",
                                           "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF",
                                           "XPF"};
constexpr std::string_view kExponent2[] = {
    "AED", "AFN", "ALL", "AMD", "ANG", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BGN",
    "BMD", "BND", "BOB", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHF", "CNY", "COP",
    "CRC", "CUP", "CVE", "CZK", "DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP",
    "GEL", "GHS", "GIP", "GMD", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR", "IRR",
    "JMD", "KES", "KGS", "KHR", "KPW", "KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "MAD", "MDL",
    "MGA", "MKD", "MMK", "MNT", "MOP", "MRU", "MUR", "MVR", "MWK", "MXN", "MYR", "MZN", "NAD", "NGN",
    "NIO", "NOK", "NPR", "NZD", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "QAR", "RON", "RSD", "RUB",
    "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP", "SLE", "SOS", "SRD", "SSP", "STN", "SVC", "SYP",
    "SZL", "THB", "TJS", "TMT", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "USD", "UYU", "UZS", "VED",
    "VES", "WST", "XCD", "XCG", "YER", "ZAR", "ZMW", "ZWG"};
constexpr std::string_view kExponent3[] = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"};
constexpr std::string_view kExponent4[] = {"CLF", "UYW"};

static_assert(std::is_sorted(std::begin(kExponent0), std::end(kExponent0)));
static_assert(std::is_sorted(std::begin(kExponent2), std::end(kExponent2)));
static_assert(std::is_sorted(std::begin(kExponent3), std::end(kExponent3)));
static_assert(std::is_sorted(std::begin(kExponent4), std::end(kExponent4)));

template <typename Table>
bool Contains(const Table& table, std::string_view code) {
  return std::binary_search(std::begin(table), std::end(table), code);
}

}  // namespace

std::optional<Currency> Currency::FromCode(std::string_view code) {
  if (code.size() != 3) {
    return std::nullopt;
  }
  const std::array<char, 3> letters = {code[0], code[1], code[2]};
  if (Contains(kExponent2, code)) {
    return Currency(letters, 2);
  }
  if (Contains(kExponent0, code)) {
    return Currency(letters, 0);
  }
  if (Contains(kExponent3, code)) {
    return Currency(letters, 3);
  }
  if (Contains(kExponent4, code)) {
    return Currency(letters, 4);
  }
  return std::nullopt;
}

}  // namespace kulanz
