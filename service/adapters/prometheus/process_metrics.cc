#include "service/adapters/prometheus/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>

namespace kulanz::adapters {
namespace {

using prometheus::MetricType;

void Append(std::vector<prometheus::MetricFamily>& out, std::string name, std::string help,
            MetricType type, std::optional<double> value) {
  if (!value) return;
  prometheus::MetricFamily& family = out.emplace_back();
  family.name = std::move(name);
  family.help = std::move(help);
  family.type = type;
  prometheus::ClientMetric& metric = family.metric.emplace_back();
  (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = *value;
}

// The fields of /proc/self/stat from the third on, as proc(5) numbers them less three. The second, the
// program's name, may hold blanks and brackets, so reading starts behind its last ')'.
std::vector<double> StatFields() {
  std::ifstream file("/proc/self/stat");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream rest(text.substr(name_end + 1));
  std::string state;
  rest >> state;
  return {std::istream_iterator<double>(rest), {}};
}

// Seconds since the epoch at which the machine booted.
std::optional<double> BootTime() {
  std::ifstream file("/proc/stat");
  std::string word;
  while (file >> word) {
    double seconds = 0;
    if (word == "btime" && file >> seconds) return seconds;
  }
  return std::nullopt;
}

std::optional<double> OpenFiles() {
  std::error_code error;
  std::filesystem::directory_iterator entry("/proc/self/fd", error);
  double count = 0;
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) ++count;
  if (error) return std::nullopt;
  return count - 1;  // the directory itself was open while counting
}

std::optional<double> OpenFilesMax() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
  return static_cast<double>(limit.rlim_cur);
}

}  // namespace

std::vector<prometheus::MetricFamily> CollectProcessMetrics() {
  // Indices into StatFields(): field number of proc(5), less four (the state was read apart).
  constexpr std::size_t kUserTicks = 10;
  constexpr std::size_t kSystemTicks = 11;
  constexpr std::size_t kThreads = 16;
  constexpr std::size_t kStartTicks = 18;
  constexpr std::size_t kVirtualBytes = 19;
  constexpr std::size_t kResidentPages = 20;

  std::vector<prometheus::MetricFamily> out;
  const std::vector<double> stat = StatFields();
  if (stat.size() > kResidentPages) {
    const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
    Append(out, "process_cpu_seconds_total", "User and system CPU time spent.", MetricType::Counter,
           (stat[kUserTicks] + stat[kSystemTicks]) / ticks);
    Append(out, "process_resident_memory_bytes", "Memory in use, resident.", MetricType::Gauge,
           stat[kResidentPages] * page);
    Append(out, "process_virtual_memory_bytes", "Memory in use, virtual.", MetricType::Gauge,
           stat[kVirtualBytes]);
    Append(out, "process_threads", "Threads of the process.", MetricType::Gauge, stat[kThreads]);
    if (const std::optional<double> boot = BootTime()) {
      Append(out, "process_start_time_seconds", "Start of the process since the Unix epoch.",
             MetricType::Gauge, *boot + stat[kStartTicks] / ticks);
    }
  }
  Append(out, "process_open_fds", "Open file descriptors.", MetricType::Gauge, OpenFiles());
  Append(out, "process_max_fds", "File descriptors that may be open.", MetricType::Gauge,
         OpenFilesMax());
  return out;
}

}  // namespace kulanz::adapters
