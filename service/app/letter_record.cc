#include "service/app/letter_record.h"

#include <utility>

namespace kulanz::app {

ports::Key LetterRecord::KeyOf(const Keys& keys, ports::PartitionId partition,
                               const AgendaItem& item) {
  return item.kind == AgendaKind::kApology ? keys.Apology(partition, item.record)
                                           : keys.Voucher(partition, item.record);
}

Result<LetterRecord> LetterRecord::Decode(const RecordCodec& codec, const ports::Key& key,
                                          std::string_view stored) {
  LetterRecord record;
  if (key.kind == ports::RecordKind::kApology) {
    KULANZ_ASSIGN_OR_RETURN(record.stored_, codec.DecodeApology(key, stored));
  } else {
    KULANZ_ASSIGN_OR_RETURN(record.stored_, codec.DecodeVoucher(key, stored));
  }
  return record;
}

std::string LetterRecord::Encode(const RecordCodec& codec, const ports::Key& key) const {
  return std::visit([&](const auto& stored) { return codec.Encode(key, stored); }, stored_);
}

DeliveryProgress& LetterRecord::delivery() {
  return std::visit([](auto& stored) -> DeliveryProgress& { return stored.delivery; }, stored_);
}

const DeliveryProgress& LetterRecord::delivery() const {
  return std::visit([](const auto& stored) -> const DeliveryProgress& { return stored.delivery; },
                    stored_);
}

bool LetterRecord::revoked() const {
  const StoredVoucher* of_voucher = voucher();
  return of_voucher != nullptr ? of_voucher->state == VoucherState::kRevoked ||
                                     of_voucher->state == VoucherState::kReissued
                               : std::get<StoredApology>(stored_).withdrawn;
}

ports::Key LetterRecord::DecisionKey(const Keys& keys, const ports::Key& key) const {
  const StoredVoucher* of_voucher = voucher();
  return keys.Decision(key.partition, of_voucher != nullptr ? of_voucher->incident : key.hash);
}

}  // namespace kulanz::app
