#include "service/cel/number_text.h"

#include <charconv>
#include <cmath>
#include <limits>

namespace kulanz::cel {
namespace {

bool EqualIgnoringCase(std::string_view a, std::string_view lower) {
  if (a.size() != lower.size()) {
    return false;
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    const char c = a[i] >= 'A' && a[i] <= 'Z' ? static_cast<char>(a[i] - 'A' + 'a') : a[i];
    if (c != lower[i]) {
      return false;
    }
  }
  return true;
}

}  // namespace

void AppendDouble(double number, TextBuilder& out) {
  if (std::isnan(number)) {
    out.Append("NaN");
  } else if (std::isinf(number)) {
    out.Append(number < 0 ? "-Infinity" : "Infinity");
  } else {
    char digits[32];
    const auto [end, error] = std::to_chars(std::begin(digits), std::end(digits), number);
    out.Append(std::string_view(digits, static_cast<std::size_t>(end - digits)));
  }
}

std::optional<double> ParseDouble(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  if (negative || (!text.empty() && text.front() == '+')) {
    text.remove_prefix(1);
  }
  double value = 0;
  if (EqualIgnoringCase(text, "nan")) {
    value = std::numeric_limits<double>::quiet_NaN();
  } else if (EqualIgnoringCase(text, "inf") || EqualIgnoringCase(text, "infinity")) {
    value = std::numeric_limits<double>::infinity();
  } else {
    const bool starts_well =
        !text.empty() && ((text[0] >= '0' && text[0] <= '9') || text[0] == '.');
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    const bool tiny = error == std::errc::result_out_of_range &&
                      text.find_first_of("eE") != std::string_view::npos &&
                      text[text.find_first_of("eE") + 1] == '-';
    if (!starts_well || stop != end || (error != std::errc() && !tiny)) {
      return std::nullopt;
    }
    value = tiny ? 0 : value;
  }
  return negative ? -value : value;
}

}  // namespace kulanz::cel
