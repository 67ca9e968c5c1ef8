// Process metrics: what Prometheus' own client libraries tell of a process, read from /proc.
//
// process_cpu_seconds_total, process_resident_memory_bytes, process_virtual_memory_bytes,
// process_start_time_seconds, process_open_fds, process_max_fds, process_threads. What cannot be read
// is left out. Thread-safety: any thread; blocking file I/O, at a scrape only.
#pragma once

#include <prometheus/metric_family.h>

#include <vector>

namespace kulanz::adapters {

std::vector<prometheus::MetricFamily> CollectProcessMetrics();

}  // namespace kulanz::adapters
