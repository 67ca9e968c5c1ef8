// CaseFile: what is stored about one incident of one customer, read in one trip and decoded.
//
// Its records live in the customer's partition. The voucher's key is known before there is a voucher,
// because the code is derived from the incident; so a repetition has all it answers in the same trip.
#pragma once

#include <optional>

#include "service/app/dependencies.h"
#include "service/app/record_codec.h"
#include "service/app/voucher_secrets.h"
#include "service/base/result.h"
#include "service/base/task.h"
#include "service/domain/voucher_code.h"
#include "service/ports/store.h"

namespace kulanz::app {

// The keys of a case, in the order in which its records are read, and the code that leads to the last.
struct CaseKeys {
  ports::Key decision;
  ports::Key profile;
  ports::Key history;
  ports::Key voucher;
  DerivedCode code;
  static CaseKeys Of(const Dependencies& dependencies, const Incident& incident);
};

struct CaseFile {
  std::optional<StoredDecision> decision;
  std::optional<Customer> customer;
  History history;
  std::uint64_t history_version = 0;
  // At CaseKeys::voucher. Absent beside a grant that was made with another secret.
  std::optional<StoredVoucher> voucher;
};

// Decodes records in the order of CaseKeys. DATA_LOSS / RECORD_CORRUPT.
Result<CaseFile> DecodeCase(const RecordCodec& codec, const CaseKeys& keys,
                            const std::vector<ports::Record>& records);

Task<Result<CaseFile>> ReadCase(const Dependencies& dependencies, CaseKeys keys, Deadline deadline);

// The voucher of a granted decision, with its code derived again.
struct IssuedVoucher {
  Voucher voucher;
  VoucherCode code;
};
// From what was read already; nothing when that is not this decision's voucher.
std::optional<IssuedVoucher> VoucherIn(const CaseKeys& keys, const CaseFile& file,
                                       const StoredDecision& decision);
// DATA_LOSS / VOUCHER_MISSING when the decision stands without its voucher.
Task<Result<IssuedVoucher>> ReadVoucherOf(const Dependencies& dependencies,
                                          const StoredDecision& decision, Deadline deadline);

}  // namespace kulanz::app
