#include "service/adapters/otlp/trace_json.h"

#include <jansson.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <utility>

#include "service/base/check.h"

namespace kulanz::adapters {
namespace {

// Of opentelemetry.proto.trace.v1.
constexpr int kSpanKindServer = 2;
constexpr int kStatusError = 2;
constexpr int kFlagSampled = 0x001;
constexpr int kFlagKnowsRemote = 0x100;
constexpr int kFlagParentIsRemote = 0x200;

struct Release {
  void operator()(json_t* json) const { json_decref(json); }
};
using Json = std::unique_ptr<json_t, Release>;

Json Must(json_t* json) {
  KULANZ_CHECK(json != nullptr, "out of memory, or a text that is no UTF-8");
  return Json(json);
}

Json Text(std::string_view text) { return Must(json_stringn(text.data(), text.size())); }
// 64 bits are texts in protobuf's JSON: a number would lose its last digits in JavaScript.
Json Text(std::int64_t number) { return Text(std::to_string(number)); }
Json Number(int number) { return Must(json_integer(number)); }
Json Object() { return Must(json_object()); }
Json Array() { return Must(json_array()); }

void Put(Json& object, const char* key, Json value) {
  KULANZ_CHECK(json_object_set_new(object.get(), key, value.release()) == 0, "out of memory");
}

void Append(Json& array, Json value) {
  KULANZ_CHECK(json_array_append_new(array.get(), value.release()) == 0, "out of memory");
}

void Attribute(Json& attributes, std::string_view key, const char* kind, Json value) {
  Json any = Object();
  Put(any, kind, std::move(value));
  Json attribute = Object();
  Put(attribute, "key", Text(key));
  Put(attribute, "value", std::move(any));
  Append(attributes, std::move(attribute));
}

void Attribute(Json& attributes, std::string_view key, std::string_view text) {
  Attribute(attributes, key, "stringValue", Text(text));
}

Json ResourceJson(const TraceResource& resource) {
  Json attributes = Array();
  Attribute(attributes, "service.name", resource.service_name);
  Attribute(attributes, "service.version", resource.service_version);
  Attribute(attributes, "service.instance.id", resource.service_instance_id);
  Json json = Object();
  Put(json, "attributes", std::move(attributes));
  return json;
}

Json SpanJson(const ports::Span& span) {
  Json attributes = Array();
  Attribute(attributes, "rpc.system", "grpc");
  Attribute(attributes, "rpc.service", span.service);
  Attribute(attributes, "rpc.method", span.method);
  Attribute(attributes, "rpc.grpc.status_code", "intValue", Text(std::int64_t{span.status_code}));
  if (!span.reason.empty()) {
    Attribute(attributes, "kulanz.reason", span.reason);
  }
  Json status = Object();
  if (IsServerError(span.status_code)) {
    Put(status, "code", Number(kStatusError));
  }
  int flags = kFlagSampled | kFlagKnowsRemote;
  Json json = Object();
  Put(json, "traceId", Text(span.trace_id));
  Put(json, "spanId", Text(span.span_id));
  if (!span.parent_span_id.empty()) {
    Put(json, "parentSpanId", Text(span.parent_span_id));
    flags |= kFlagParentIsRemote;
  }
  Put(json, "flags", Number(flags));
  Put(json, "name", Text(std::string(span.service) + "/" + std::string(span.method)));
  Put(json, "kind", Number(kSpanKindServer));
  Put(json, "startTimeUnixNano", Text(span.start_ns));
  Put(json, "endTimeUnixNano", Text(span.end_ns));
  Put(json, "attributes", std::move(attributes));
  Put(json, "status", std::move(status));
  return json;
}

}  // namespace

bool IsServerError(int status_code) {
  switch (status_code) {
    case 2:   // UNKNOWN
    case 4:   // DEADLINE_EXCEEDED
    case 12:  // UNIMPLEMENTED
    case 13:  // INTERNAL
    case 14:  // UNAVAILABLE
    case 15:  // DATA_LOSS
      return true;
    default:
      return false;
  }
}

std::string TraceJson(const TraceResource& resource, std::span<const ports::Span> spans) {
  Json list = Array();
  for (const ports::Span& span : spans) {
    Append(list, SpanJson(span));
  }
  Json scope = Object();
  Put(scope, "name", Text("kulanz"));
  Put(scope, "version", Text(resource.service_version));
  Json scope_spans = Object();
  Put(scope_spans, "scope", std::move(scope));
  Put(scope_spans, "spans", std::move(list));
  Put(scope_spans, "schemaUrl", Text(kTraceSchemaUrl));
  Json scopes = Array();
  Append(scopes, std::move(scope_spans));
  Json resource_spans = Object();
  Put(resource_spans, "resource", ResourceJson(resource));
  Put(resource_spans, "scopeSpans", std::move(scopes));
  Put(resource_spans, "schemaUrl", Text(kTraceSchemaUrl));
  Json resources = Array();
  Append(resources, std::move(resource_spans));
  Json request = Object();
  Put(request, "resourceSpans", std::move(resources));
  const std::unique_ptr<char, decltype(&std::free)> text(json_dumps(request.get(), JSON_COMPACT),
                                                         &std::free);
  KULANZ_CHECK(text != nullptr, "out of memory");
  return text.get();
}

}  // namespace kulanz::adapters
