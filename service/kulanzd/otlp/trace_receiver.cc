// With KULANZ_OTLP=ON: traces are sent.
#include <unistd.h>

#include <array>

#include "service/adapters/otlp/span_exporter.h"
#include "service/kulanzd/trace_access.h"

namespace kulanz::server {
namespace {

std::string UrlOf(const TraceAccess& access) { return access.endpoint + "/v1/traces"; }

// The pod's name, in a cluster.
std::string HostName() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) {
    return "unknown";
  }
  std::string text = name.data();
  for (char& c : text) {
    c = c > ' ' && c <= '~' ? c : '_';
  }
  return text;
}

}  // namespace

Status CheckTraceReceiver(const TraceAccess& access) {
  KULANZ_RETURN_IF_ERROR(adapters::CheckOtlpUrl(UrlOf(access)));
  if (!access.headers_file.empty() && adapters::IsSentInTheClear(UrlOf(access))) {
    return Status(Code::kInvalidArgument, "OTLP_URL",
                  "must be https:// for --otlp-headers-file: what is in the file is secret");
  }
  return Status::Ok();
}

Result<std::unique_ptr<ports::SpanSink>> OpenTraceReceiver(const TraceAccess& access,
                                                           const std::string& version,
                                                           ports::SpanTelemetry& telemetry,
                                                           ports::Log& log) {
  adapters::SpanExporterOptions options;
  options.endpoint.url = UrlOf(access);
  options.endpoint.ca_file = access.ca_file;
  options.endpoint.headers_file = access.headers_file;
  options.resource = {.service_name = access.service_name,
                      .service_version = version,
                      .service_instance_id = HostName() + ":" + std::to_string(getpid())};
  KULANZ_ASSIGN_OR_RETURN(std::unique_ptr<ports::SpanSink> sink,
                          adapters::SpanExporter::Start(std::move(options), telemetry, log));
  return sink;
}

}  // namespace kulanz::server
