// Reads an incident from its message. What breaks a rule of incident.proto is noted by field path.
//
// The declarations of the policy set are not looked at here: the use-case does that, with these
// violations in hand. Thread-safe.
#pragma once

#include "kulanz/v1/incident.pb.h"
#include "service/adapters/grpc/field_path.h"
#include "service/adapters/grpc/field_reader.h"
#include "service/domain/incident.h"

namespace kulanz::rpc {

inline constexpr std::uint32_t kIncidentRevisionMax = 1'000'000;
inline constexpr std::size_t kIncidentTypeBytesMax = 64;
inline constexpr std::size_t kDecimalBytesMax = 40;  // 19 digits, a sign, a dot, and room for zeros

// `path`: where the incident stands in the request, usually "incident".
Incident ReadIncident(FieldReader& reader, const FieldPath& path, const v1::Incident& message);

}  // namespace kulanz::rpc
