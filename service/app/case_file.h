// CaseFile: what is stored about one incident of one customer, read in one trip and decoded.
//
// The three records live in the customer's partition. Used by Report, Evaluate and Get.
#pragma once

#include <optional>

#include "service/app/dependencies.h"
#include "service/app/record_codec.h"
#include "service/base/result.h"
#include "service/base/task.h"
#include "service/domain/voucher_code.h"
#include "service/ports/store.h"

namespace kulanz::app {

// The keys of a case, in the order in which its records are read and checked.
struct CaseKeys {
  ports::Key decision;
  ports::Key profile;
  ports::Key history;
  static CaseKeys Of(const Keys& keys, const IncidentId& incident, const CustomerId& customer);
};

struct CaseFile {
  std::optional<StoredDecision> decision;
  std::optional<Customer> customer;
  History history;
  std::uint64_t history_version = 0;
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
// DATA_LOSS / VOUCHER_MISSING when the decision stands without its voucher.
Task<Result<IssuedVoucher>> ReadVoucherOf(const Dependencies& dependencies,
                                          const StoredDecision& decision, Deadline deadline);

}  // namespace kulanz::app
