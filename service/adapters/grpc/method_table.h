// The table of all methods: who may call each, and what a call does. What is not in it, nobody may call.
//
// Of every service that this server registers, kulanz.v1 as well as health and reflection; a test holds it
// against what a running server says that it has. Thread-safety: constant.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "service/app/roles.h"

namespace kulanz::rpc {

enum class Effect : std::uint8_t { kRead, kChange };

enum class Shape : std::uint8_t {
  kUnary,
  kClientStream,  // many messages, one answer: one unit of work
  kBidiStream,    // each message is a unit of work with an answer of its own
  kServerStream,
};

struct MethodRow {
  std::string_view service;  // "kulanz.v1.IncidentService"
  std::string_view name;     // "ReportIncident"
  Shape shape = Shape::kUnary;
  Effect effect = Effect::kRead;
  app::RoleSet roles;      // one of them is enough
  bool anybody = false;    // who calls is not even asked
  bool is_probe = false;   // health: must be answered whatever the load
  bool is_counted = true;  // in kulanz_rpc_...
};

std::span<const MethodRow> MethodTable();

// Of a method that is in no row: a row that nobody may call.
const MethodRow& FindMethod(std::string_view service, std::string_view name);

}  // namespace kulanz::rpc
