// CaseFile: what is stored about one incident of one customer, read in one trip and decoded.
//
// Its records live in the customer's partition. The decision on the revision that was decided first also
// says how the case went on: which later revisions were decided, what they gave together, whether the
// incident was withdrawn. Every change of the case writes it, so its version guards the whole.
//
// The voucher's key is known before there is a voucher, because the code is derived from the incident; so
// a repetition has all it answers in the same trip.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "service/app/dependencies.h"
#include "service/app/record_codec.h"
#include "service/app/voucher_secrets.h"
#include "service/base/result.h"
#include "service/base/task.h"
#include "service/domain/voucher_code.h"
#include "service/ports/store.h"

namespace kulanz::app {

// The keys of a case. The first four are read, in this order; `code` leads to the fourth.
struct CaseKeys {
  ports::Key first;  // the decision on the revision that was decided first
  ports::Key profile;
  ports::Key history;
  ports::Key voucher;  // of this revision
  ports::Key later;    // the decision on this revision, when another one was decided first
  DerivedCode code;    // of this revision
  // INTERNAL / SECRET_MISSING (voucher_secrets.h).
  static Result<CaseKeys> Of(const Dependencies& dependencies, const Incident& incident);
  // With the code that the decision's voucher gets: some have a long one. Fails likewise.
  Result<CaseKeys> For(const Dependencies& dependencies, const Decision& decision) const;
};

struct CaseFile {
  std::optional<StoredDecision> first;
  std::uint64_t first_version = 0;
  std::optional<Customer> customer;
  History history;
  std::uint64_t history_version = 0;
  // At CaseKeys::voucher. Absent beside a grant that was made with another secret.
  std::optional<StoredVoucher> voucher;
  // The decision on this revision when a breaker holds it, and what is decided now takes its place.
  std::optional<StoredDecision> held;
};

// Whether this revision was decided, in the case that `first` heads.
bool HasDecided(const StoredDecision& first, std::uint32_t revision);
// The highest revision that was decided.
std::uint32_t LatestRevision(const StoredDecision& first);

// Decodes records in the order of CaseKeys. DATA_LOSS / RECORD_CORRUPT.
Result<CaseFile> DecodeCase(const RecordCodec& codec, const CaseKeys& keys,
                            const std::vector<ports::Record>& records);

Task<Result<CaseFile>> ReadCase(const Dependencies& dependencies, CaseKeys keys, Deadline deadline);

}  // namespace kulanz::app
