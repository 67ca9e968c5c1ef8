// AuditLog: who changed what, for those who ask later. Append-only.
//
// Port. Implemented by AuditFile (adapters/system). Entries carry ids and reason tokens, never a customer's
// personal data and never a voucher's code. Thread-safety: any thread.
#pragma once

#include <cstdint>
#include <string>

#include "service/base/status.h"
#include "service/base/task.h"

namespace kulanz::ports {

enum class AuditPhase : std::uint8_t {
  kBegin,  // before anything is done: a server that is killed in the middle leaves this behind
  kEnd,    // with the result
};

struct AuditEntry {
  AuditPhase phase = AuditPhase::kBegin;
  std::string who;    // "spiffe://...", "token:ISSUER#SUBJECT"; where nobody is asked, the address
  std::string roles;  // "agent, operator"
  std::string from;   // the address
  std::string what;   // "kulanz.v1.VoucherService/RevokeVoucher"
  std::string subject;  // "voucher:...", "incident:..."; empty: nothing was found or surely changed
  std::string request_id;       // the same at begin and end
  std::string policy_revision;  // of the policies that were active
  std::string result;  // at the end: "OK", or code and reason, "NOT_FOUND/VOUCHER_NOT_REDEEMABLE"
};

class AuditLog {
 public:
  virtual ~AuditLog() = default;
  // OK once the entry would survive a crash of the machine. UNAVAILABLE / AUDIT_LOG when it cannot be written; then
  // nothing must be done that it was to tell of.
  virtual Task<Status> Append(AuditEntry entry) = 0;
};

}  // namespace kulanz::ports
