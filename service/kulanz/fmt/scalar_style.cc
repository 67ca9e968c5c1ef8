#include "service/kulanz/fmt/scalar_style.h"

#include <algorithm>
#include <array>
#include <string>

namespace kulanz::command {
namespace {

bool LooksLikeAWord(std::string_view text) {
  constexpr std::array<std::string_view, 10> kWords = {"true", "false", "yes", "no",   "on",
                                                       "off",  "y",     "n",   "null", "~"};
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return std::find(kWords.begin(), kWords.end(), lower) != kWords.end();
}

// Digits and what stands between those of numbers, dates, times and sexagesimals.
bool LooksLikeANumber(std::string_view text) {
  return text.find_first_not_of("0123456789.-+eE_:xobTZ") == std::string_view::npos &&
         text.find_first_of("0123456789") != std::string_view::npos;
}

bool IsControl(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20U || byte == 0x7FU;
}

}  // namespace

bool NeedsQuotes(std::string_view text, bool in_flow) {
  constexpr std::string_view kIndicators = "-?:,[]{}#&*!|>'\"%@`=<";
  if (text.empty() || text.front() == ' ' || text.back() == ' ' || text.back() == ':' ||
      kIndicators.find(text.front()) != std::string_view::npos) {
    return true;
  }
  if (text.find(": ") != std::string_view::npos || text.find(" #") != std::string_view::npos ||
      std::any_of(text.begin(), text.end(), IsControl)) {
    return true;
  }
  // A ':' before a bracket or a quote means different things to different readers.
  if (in_flow && text.find_first_of(",[]{}:?") != std::string_view::npos) {
    return true;
  }
  return LooksLikeAWord(text) || LooksLikeANumber(text);
}

}  // namespace kulanz::command
