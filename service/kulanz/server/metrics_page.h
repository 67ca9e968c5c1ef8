// A server's metrics page, fetched and read: the Prometheus text format.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "service/base/result.h"

namespace kulanz::command {

struct Sample {
  std::string name;
  std::map<std::string, std::string> labels;
  double value = 0;
};

// Comments and what is no sample are skipped.
std::vector<Sample> ParseMetrics(std::string_view text);

// GET http://<address>/metrics; `address`: "host:port". UNAVAILABLE / NO_METRICS.
Result<std::vector<Sample>> FetchMetrics(const std::string& address);

// Sums of the samples called `name`, grouped by `key_of` their labels, largest first; of equal ones in
// the order of their keys.
std::vector<std::pair<std::string, double>> SumBy(
    const std::vector<Sample>& samples, std::string_view name,
    const std::function<std::string(const std::map<std::string, std::string>&)>& key_of);

}  // namespace kulanz::command
