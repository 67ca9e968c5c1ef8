#include "tests/bench/rpc/figures.h"

#include <algorithm>
#include <cstdio>

namespace kulanz::bench {

double Median(std::vector<double> values) {
  if (values.empty()) {
    return 0;
  }
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void Figures::Add(const std::string& name, const LoadResult& result) {
  if (!rounds_.contains(name)) {
    order_.push_back(name);
  }
  rounds_[name].push_back(result);
  std::printf("  %-34s %9.0f /s   p50 %7.3f ms   p99 %7.3f ms\n", name.c_str(), result.per_second,
              result.p50_ms, result.p99_ms);
  if (result.failures > 0) {
    failed_ = true;
    std::printf("  %zu calls failed: %s\n", result.failures, result.first_failure.c_str());
  }
  std::fflush(stdout);
}

void Figures::PrintTable() const {
  std::printf("\n%-36s %12s %10s %10s\n", "median of the rounds", "per second", "p50 ms", "p99 ms");
  for (const std::string& name : order_) {
    std::vector<double> rates;
    std::vector<double> p50;
    std::vector<double> p99;
    for (const LoadResult& round : rounds_.at(name)) {
      rates.push_back(round.per_second);
      p50.push_back(round.p50_ms);
      p99.push_back(round.p99_ms);
    }
    std::printf("%-36s %12.0f %10.3f %10.3f\n", name.c_str(), Median(rates), Median(p50),
                Median(p99));
  }
}

void Figures::PrintRatio(const std::string& name, const std::string& other,
                         const std::string& target) const {
  const std::vector<LoadResult>& a = rounds_.at(name);
  const std::vector<LoadResult>& b = rounds_.at(other);
  std::vector<double> ratios;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    ratios.push_back(a[i].per_second / b[i].per_second);
  }
  const auto [least, most] = std::minmax_element(ratios.begin(), ratios.end());
  std::printf("%-70s %5.2f  (%.2f to %.2f)%s%s\n", (name + " / " + other).c_str(), Median(ratios),
              *least, *most, target.empty() ? "" : "   target ", target.c_str());
}

}  // namespace kulanz::bench
