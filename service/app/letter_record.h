// LetterRecord: the record that says how far a letter is: its voucher's, or that of an apology without one.
//
// Thread-safety: plain values.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "service/app/agenda.h"
#include "service/app/keys.h"
#include "service/app/record_codec.h"
#include "service/base/result.h"
#include "service/ports/store.h"

namespace kulanz::app {

class LetterRecord {
 public:
  // Where the record of an agenda's letter stands.
  static ports::Key KeyOf(const Keys& keys, ports::PartitionId partition, const AgendaItem& item);

  LetterRecord() = default;
  // Of the kind that its key says. DATA_LOSS / RECORD_CORRUPT.
  static Result<LetterRecord> Decode(const RecordCodec& codec, const ports::Key& key,
                                     std::string_view stored);
  std::string Encode(const RecordCodec& codec, const ports::Key& key) const;

  DeliveryProgress& delivery();
  const DeliveryProgress& delivery() const;
  // It is not to be sent any more.
  bool revoked() const;
  // Nothing in the letter of an apology.
  const StoredVoucher* voucher() const { return std::get_if<StoredVoucher>(&stored_); }
  // The key of its decision; `key` is its own.
  ports::Key DecisionKey(const Keys& keys, const ports::Key& key) const;

 private:
  std::variant<StoredVoucher, StoredApology> stored_;
};

}  // namespace kulanz::app
