#include "service/cel/suggestion.h"

#include <algorithm>
#include <cstddef>

namespace kulanz::cel {
namespace {

// Longer names are not guessed at: the work is quadratic.
constexpr std::size_t kMaxNameBytes = 64;

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Edits between `a` and `b`: insert, delete, replace, swap neighbours. Case counts nothing.
std::size_t Distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) {
    last[j] = j;
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = Lower(a[i - 1]) == Lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0U : 1U)});
      if (i > 1 && j > 1 && Lower(a[i - 1]) == Lower(b[j - 2]) &&
          Lower(a[i - 2]) == Lower(b[j - 1])) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

// Whether `part` is made of whole '_'-parts at an end of `whole`.
bool IsPartOf(std::string_view part, std::string_view whole) {
  constexpr std::size_t kMinPart = 4;
  if (part.size() < kMinPart || whole.size() <= part.size() + 1) {
    return false;
  }
  return (whole.starts_with(part) && whole[part.size()] == '_') ||
         (whole.ends_with(part) && whole[whole.size() - part.size() - 1] == '_');
}

}  // namespace

std::string_view Suggest(std::string_view wrong, const std::vector<std::string_view>& known) {
  if (wrong.empty() || wrong.size() > kMaxNameBytes) {
    return {};
  }
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(1, wrong.size() / 3) + 1;
  for (const std::string_view name : known) {
    const std::size_t longer = std::max(name.size(), wrong.size());
    const std::size_t shorter = std::min(name.size(), wrong.size());
    if (name.size() > kMaxNameBytes || longer - shorter >= best_distance) {
      continue;
    }
    const std::size_t distance = Distance(wrong, name);
    // A short name is no near miss of another when every letter differs.
    if (distance < best_distance && distance < shorter) {
      best = name;
      best_distance = distance;
    }
  }
  if (!best.empty()) {
    return best;
  }
  for (const std::string_view name : known) {
    if (IsPartOf(wrong, name) || IsPartOf(name, wrong)) {
      return name;
    }
  }
  return {};
}

}  // namespace kulanz::cel
