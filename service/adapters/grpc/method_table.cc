#include "service/adapters/grpc/method_table.h"

#include <array>

namespace kulanz::rpc {
namespace {

using app::Role;
using app::RoleSet;

constexpr std::string_view kIncidents = "kulanz.v1.IncidentService";
constexpr std::string_view kCustomers = "kulanz.v1.CustomerService";
constexpr std::string_view kVouchers = "kulanz.v1.VoucherService";
constexpr std::string_view kLetters = "kulanz.v1.LetterService";
constexpr std::string_view kEvents = "kulanz.v1.EventService";
constexpr std::string_view kPools = "kulanz.v1.PoolService";
constexpr std::string_view kBreakers = "kulanz.v1.BreakerService";
constexpr std::string_view kHealth = "grpc.health.v1.Health";

constexpr MethodRow Read(std::string_view service, std::string_view name, RoleSet roles) {
  roles.Add(Role::kAdmin);
  return {service, name, Shape::kUnary, Effect::kRead, roles};
}

constexpr MethodRow Change(std::string_view service, std::string_view name, RoleSet roles,
                           Shape shape = Shape::kUnary) {
  roles.Add(Role::kAdmin);
  return {service, name, shape, Effect::kChange, roles};
}

constexpr MethodRow Probe(std::string_view name, Shape shape) {
  return {kHealth,
          name,
          shape,
          Effect::kRead,
          {},
          /*anybody=*/true,
          /*is_probe=*/true,
          /*is_counted=*/false};
}

constexpr MethodRow Reflection(std::string_view service) {
  return {service,
          "ServerReflectionInfo",
          Shape::kBidiStream,
          Effect::kRead,
          RoleSet::All(),
          /*anybody=*/false,
          /*is_probe=*/false,
          /*is_counted=*/false};
}

constexpr std::array kTable = {
    Change(kIncidents, "ReportIncident", {Role::kReporter, Role::kAgent}),
    Change(kIncidents, "StreamIncidents", {Role::kReporter}, Shape::kBidiStream),
    Read(kIncidents, "EvaluateIncident", {Role::kReporter, Role::kAgent, Role::kAuthor}),
    Change(kIncidents, "WithdrawIncident", {Role::kReporter, Role::kAgent}),
    Read(kIncidents, "GetDecision",
         {Role::kReporter, Role::kAgent, Role::kAuthor, Role::kOperator}),
    Read(kIncidents, "ListDecisions", {Role::kAgent}),

    Change(kCustomers, "UpsertCustomer", {Role::kReporter, Role::kAgent}),
    Change(kCustomers, "ImportCustomers", {Role::kReporter, Role::kOperator}, Shape::kClientStream),
    // Personal data: for those who talk to customers.
    Read(kCustomers, "GetCustomer", {Role::kAgent}),
    Change(kCustomers, "EraseCustomer", {Role::kAgent}),

    Read(kVouchers, "GetVoucher", {Role::kRedeemer, Role::kAgent}),
    Read(kVouchers, "ListVouchers", {Role::kAgent}),
    Read(kVouchers, "ValidateVoucher", {Role::kRedeemer, Role::kAgent}),
    Change(kVouchers, "ReserveVoucher", {Role::kRedeemer}),
    Change(kVouchers, "RedeemVoucher", {Role::kRedeemer}),
    Change(kVouchers, "ReleaseReservation", {Role::kRedeemer, Role::kAgent}),
    Change(kVouchers, "ReverseRedemption", {Role::kRedeemer, Role::kAgent}),
    Change(kVouchers, "RevokeVoucher", {Role::kAgent}),
    Change(kVouchers, "ReissueVoucher", {Role::kAgent}),

    Read(kLetters, "ListDeadLetters", {Role::kAgent, Role::kOperator}),
    Read(kLetters, "GetLetter", {Role::kAgent, Role::kOperator}),
    Change(kLetters, "ResendLetter", {Role::kAgent, Role::kOperator}),

    Read(kEvents, "ListDeadEvents", {Role::kOperator}),
    Change(kEvents, "ResendEvents", {Role::kOperator}),

    Change(kPools, "ImportPoolCodes", {Role::kOperator}, Shape::kClientStream),
    Read(kPools, "GetPool", {Role::kAuthor, Role::kOperator}),

    Read(kBreakers, "ListBreakers", {Role::kAuthor, Role::kOperator}),
    Read(kBreakers, "GetBreaker", {Role::kAuthor, Role::kOperator}),
    Change(kBreakers, "ReleaseBreaker", {Role::kOperator}),
    Change(kBreakers, "DismissHeld", {Role::kOperator}),

    // Probes have no credentials.
    Probe("Check", Shape::kUnary),
    Probe("Watch", Shape::kServerStream),

    Reflection("grpc.reflection.v1alpha.ServerReflection"),
};

constexpr MethodRow kNowhere{"", "", Shape::kUnary, Effect::kChange, {}};

}  // namespace

std::span<const MethodRow> MethodTable() { return kTable; }

const MethodRow& FindMethod(std::string_view service, std::string_view name) {
  for (const MethodRow& row : kTable) {
    if (row.name == name && row.service == service) {
      return row;
    }
  }
  return kNowhere;
}

}  // namespace kulanz::rpc
