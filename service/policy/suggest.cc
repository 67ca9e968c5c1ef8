#include "service/policy/suggest.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace kulanz::policy {
namespace {

constexpr std::size_t kWordBytesMax = 64;    // longer words are not compared
constexpr std::size_t kListedWordsMax = 16;  // more would hide the message

char Lower(char c) {
  return c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

// Optimal string alignment distance: insertions, deletions, replacements, swaps of neighbours.
std::size_t Distance(std::string_view a, std::string_view b) {
  std::array<std::array<std::size_t, kWordBytesMax + 1>, 3> rows{};
  for (std::size_t j = 0; j <= b.size(); ++j) {
    rows[0].at(j) = j;
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows.at(i % 3);
    const auto& above = rows.at((i - 1) % 3);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = Lower(a[i - 1]) == Lower(b[j - 1]);
      row.at(j) =
          std::min({above.at(j) + 1, row.at(j - 1) + 1, above.at(j - 1) + (same ? 0U : 1U)});
      if (i > 1 && j > 1 && Lower(a[i - 1]) == Lower(b[j - 2]) &&
          Lower(a[i - 2]) == Lower(b[j - 1])) {
        row.at(j) = std::min(row.at(j), rows.at((i - 2) % 3).at(j - 2) + 1);
      }
    }
  }
  return rows.at(a.size() % 3).at(b.size());
}

}  // namespace

std::string_view NearestWord(std::string_view wrong, std::span<const std::string_view> candidates) {
  if (wrong.empty() || wrong.size() > kWordBytesMax) {
    return {};
  }
  std::string_view best;
  std::size_t best_distance =
      std::min<std::size_t>(3, std::max<std::size_t>(1, wrong.size() / 3)) + 1;
  for (const std::string_view candidate : candidates) {
    if (candidate.empty() || candidate.size() > kWordBytesMax) {
      continue;
    }
    const std::size_t distance = Distance(wrong, candidate);
    // Of equals the one that begins alike: 'sonday' is rather 'sunday' than 'monday'.
    const bool begins_alike = !best.empty() && Lower(candidate.front()) == Lower(wrong.front()) &&
                              Lower(best.front()) != Lower(wrong.front());
    if (distance < best_distance || (distance == best_distance && begins_alike)) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string DidYouMean(std::string_view wrong, std::span<const std::string_view> candidates,
                       std::string_view known) {
  if (const std::string_view near = NearestWord(wrong, candidates); !near.empty()) {
    return "did you mean '" + std::string(near) + "'?";
  }
  if (candidates.empty() || candidates.size() > kListedWordsMax) {
    return {};
  }
  return std::string(known) + ": " + JoinWords(candidates, ", ");
}

std::string JoinWords(std::span<const std::string_view> words, std::string_view last) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    out += i == 0 ? "" : (i + 1 == words.size() ? last : ", ");
    out += words[i];
  }
  return out;
}

}  // namespace kulanz::policy
