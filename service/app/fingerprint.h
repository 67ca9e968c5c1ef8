// Fingerprint: a digest of the facts of an incident, part by part.
//
// An incident id is claimed once, together with the fingerprint of what was reported. The same id with
// another fingerprint is an error, and because each part has its own digest, the error can name the
// parts that differ without the facts being stored twice. The digest is over a versioned, canonical
// text of the domain values, not over protobuf bytes: map order, unknown fields and client upgrades do
// not change it.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "service/domain/incident.h"

namespace kulanz::app {

inline constexpr std::uint32_t kFingerprintVersion = 0;

// The parts after the customer, which the claim names by hash. 6 bytes of SHA-256 each: two reports that
// differ by accident in one part only agree in it once in 2^48.
inline constexpr std::array<std::string_view, 5> kFingerprintParts = {
    "type", "occurred_at", "revision", "order", "attributes"};
inline constexpr std::size_t kFingerprintPartBytes = 6;

std::string FingerprintOf(const Incident& incident);

// Names of the parts in which two fingerprints of this version differ, in order.
std::vector<std::string> DifferingParts(std::string_view a, std::string_view b);

// Whether they may be of two revisions of one incident: only its revision (which stands together with the
// reporter) and its attributes may differ.
bool IsSameIdentity(std::string_view a, std::string_view b);

// Field paths in which two incidents of one id differ, `incident.attributes["cause"]` precisely.
std::vector<std::string> DifferingFields(const Incident& a, const Incident& b);

}  // namespace kulanz::app
