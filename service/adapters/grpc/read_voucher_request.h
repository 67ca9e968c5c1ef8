// Reads the requests of VoucherService. What breaks a rule of voucher_service.proto is noted by field path.
// Thread-safe.
#pragma once

#include <set>

#include "kulanz/v1/voucher_service.pb.h"
#include "service/adapters/grpc/field_reader.h"
#include "service/app/vouchers.h"

namespace kulanz::rpc {

inline constexpr int kVoucherStatesMax = 16;
inline constexpr std::size_t kVoucherIdBytes = 36;

app::VoucherReference ReadVoucher(FieldReader& reader, const v1::GetVoucherRequest& message);
// The field `voucher`, which is required.
app::VoucherReference ReadVoucher(FieldReader& reader, bool present,
                                  const v1::VoucherReference& message);

std::set<VoucherView> ReadStates(FieldReader& reader, const v1::ListVouchersRequest& message);

app::RedeemRequest ReadRedemption(FieldReader& reader, const v1::ValidateVoucherRequest& message);
app::RedeemRequest ReadRedemption(FieldReader& reader, const v1::RedeemVoucherRequest& message);
app::ReserveRequest ReadReservation(FieldReader& reader, const v1::ReserveVoucherRequest& message);

// The required field `reason` of a revocation or reissue.
std::string ReadReason(FieldReader& reader, const std::string& text);

}  // namespace kulanz::rpc
