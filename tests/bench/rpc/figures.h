// Figures: the rounds of each measurement, printed as medians and as ratios round by round.
//
// Absolute numbers do not carry from one machine or minute to another; a ratio compares two measurements
// of the same round, and the median of the ratios is what to quote.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/bench/rpc/load.h"

namespace kulanz::bench {

class Figures {
 public:
  void Add(const std::string& name, const LoadResult& result);
  bool failed() const { return failed_; }
  void PrintTable() const;
  // "name / other", of calls per second.
  void PrintRatio(const std::string& name, const std::string& other,
                  const std::string& target = "") const;

 private:
  std::vector<std::string> order_;
  std::map<std::string, std::vector<LoadResult>> rounds_;
  bool failed_ = false;
};

double Median(std::vector<double> values);

}  // namespace kulanz::bench
