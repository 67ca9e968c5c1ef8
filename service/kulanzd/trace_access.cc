#include "service/kulanzd/trace_access.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <vector>

namespace kulanz::server {
namespace {

constexpr std::size_t kServiceNameBytesMax = 100;

std::string Environment(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread
  return value == nullptr ? "" : value;
}

}  // namespace

void AddTraceOptions(CLI::App& app, TraceAccess& access) {
  app.add_option("--otlp-endpoint", access.endpoint,
                 "send traces of calls to this receiver by OTLP over HTTP: http://host:4318; "
                 "default: what OTEL_EXPORTER_OTLP_ENDPOINT says, else none are sent")
      ->envname("KULANZ_OTLP_ENDPOINT");
  app.add_option("--otlp-service-name", access.service_name,
                 "the name that traces bear; default: what OTEL_SERVICE_NAME says, else kulanz")
      ->envname("KULANZ_OTLP_SERVICE_NAME");
  app.add_option("--otlp-ca-file", access.ca_file,
                 "the authorities that the receiver's certificate is verified against; default: "
                 "those that the system trusts")
      ->envname("KULANZ_OTLP_CA_FILE");
  app.add_option("--otlp-headers-file", access.headers_file,
                 "headers for the receiver, its credentials for one: lines of 'name: value'; read "
                 "again when it changes; needs https://, but for a receiver on this machine")
      ->envname("KULANZ_OTLP_HEADERS_FILE");
  app.add_option("--trace-ratio", access.root_ratio,
                 "the share of calls without a traceparent that are traced, 0 to 1; with one, its "
                 "sampled flag decides")
      ->check(CLI::Range(0.0, 1.0))
      ->envname("KULANZ_TRACE_RATIO")
      ->capture_default_str();
}

std::string Understand(TraceAccess& access) {
  std::vector<std::string> wrong;
  // By gRPC nothing is sent from here, and that is another port.
  if (access.endpoint.empty() && Environment("OTEL_EXPORTER_OTLP_PROTOCOL") != "grpc") {
    access.endpoint = Environment("OTEL_EXPORTER_OTLP_ENDPOINT");
  }
  while (access.endpoint.ends_with('/')) {
    access.endpoint.pop_back();
  }
  if (access.service_name.empty()) {
    access.service_name = Environment("OTEL_SERVICE_NAME");
  }
  if (access.service_name.empty()) {
    access.service_name = "kulanz";
  }
  const bool printable = std::all_of(access.service_name.begin(), access.service_name.end(),
                                     [](char c) { return c >= ' ' && c <= '~'; });
  if (!printable || access.service_name.size() > kServiceNameBytesMax) {
    wrong.emplace_back("--otlp-service-name must be 1 to 100 printable ASCII characters");
  }
  if (access.sends()) {
    if (const Status receiver = CheckTraceReceiver(access); !receiver.ok()) {
      wrong.push_back("--otlp-endpoint: " + receiver.message());
    }
  } else if (!access.headers_file.empty()) {
    wrong.emplace_back("--otlp-headers-file needs --otlp-endpoint");
  }
  std::string text;
  for (const std::string& line : wrong) {
    text += (text.empty() ? "" : "\nkulanzd: ") + line;
  }
  return text;
}

}  // namespace kulanz::server
