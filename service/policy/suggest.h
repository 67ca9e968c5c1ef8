// Suggestions for misspelt words: "did you mean 'eligible'?".
//
// Thread-safe.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace kulanz::policy {

// The candidate next to `wrong`, when it is near enough to be meant (at most a third of its letters
// differ, and at most 3; a swap of neighbours counts once; case does not count), else nothing.
std::string_view NearestWord(std::string_view wrong, std::span<const std::string_view> candidates);

// "did you mean 'x'?", or "known: a, b, c" when nothing is near and there are at most 16 candidates; else
// nothing. `known` is the noun before the list, e.g. "keys here".
std::string DidYouMean(std::string_view wrong, std::span<const std::string_view> candidates,
                       std::string_view known);

// "a, b and c".
std::string JoinWords(std::span<const std::string_view> words, std::string_view last = " and ");

}  // namespace kulanz::policy
