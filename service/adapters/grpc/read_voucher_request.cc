#include "service/adapters/grpc/read_voucher_request.h"

#include <algorithm>
#include <string>
#include <utility>

#include "service/domain/voucher_code.h"

namespace kulanz::rpc {
namespace {

// Whether the text is a code is not told here: that answer is VOUCHER_NOT_REDEEMABLE like all others.
std::string ReadCode(FieldReader& reader, const FieldPath& path, const std::string& text) {
  reader.CheckText(path, text, 1, VoucherCode::kInputBytesMax);
  return text;
}

// Likewise whether it is the id of a voucher; but that it can be one is told.
std::string ReadVoucherId(FieldReader& reader, const FieldPath& path, const std::string& text) {
  const bool good =
      text.size() == kVoucherIdBytes && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
      });
  if (!good) {
    reader.Violate(path, "must be 36 hexadecimal digits, in small letters");
  }
  return text;
}

std::optional<Money> ReadAmount(FieldReader& reader, bool present,
                                const google::type::Money& message) {
  if (!present) {
    return std::nullopt;
  }
  const auto amount = reader.ReadMoney(kRequest.Field("amount"), message);
  if (amount && amount->is_zero()) {
    reader.Violate(kRequest.Field("amount"), "must be positive");
  }
  return amount;
}

// What ValidateVoucher and RedeemVoucher have in common; which ids are required differs.
template <typename Message>
app::RedeemRequest ReadAnyRedemption(FieldReader& reader, const Message& message) {
  app::RedeemRequest request;
  request.code = ReadCode(reader, kRequest.Field("code"), message.code());
  request.customer =
      reader.ReadOptionalId<CustomerId>(kRequest.Field("customer_id"), message.customer_id());
  request.redemption =
      reader.ReadOptionalId<RedemptionId>(kRequest.Field("redemption_id"), message.redemption_id());
  request.order = reader.ReadOptionalId<OrderId>(kRequest.Field("order_id"), message.order_id());
  if (message.has_order_total()) {
    request.order_total = reader.ReadMoney(kRequest.Field("order_total"), message.order_total());
  }
  request.amount = ReadAmount(reader, message.has_amount(), message.amount());
  if (!message.reservation_id().empty()) {
    request.reservation =
        reader.ReadId<ReservationId>(kRequest.Field("reservation_id"), message.reservation_id());
  }
  return request;
}

std::optional<VoucherView> ViewOf(int state) {
  switch (state) {
    case v1::VOUCHER_STATE_ISSUED:
      return VoucherView::kIssued;
    case v1::VOUCHER_STATE_REDEEMED:
      return VoucherView::kRedeemed;
    case v1::VOUCHER_STATE_REVOKED:
      return VoucherView::kRevoked;
    case v1::VOUCHER_STATE_EXPIRED:
      return VoucherView::kExpired;
    case v1::VOUCHER_STATE_REISSUED:
      return VoucherView::kReissued;
    case v1::VOUCHER_STATE_RESERVED:
      return VoucherView::kReserved;
    default:
      return std::nullopt;
  }
}

}  // namespace

app::VoucherReference ReadVoucher(FieldReader& reader, const v1::GetVoucherRequest& message) {
  if (message.code().empty() == message.voucher_id().empty()) {
    reader.Violate(kRequest.Field("code"), message.code().empty()
                                               ? "is required, or voucher_id"
                                               : "must not be set together with voucher_id");
    return {};
  }
  if (message.code().empty()) {
    return {{}, ReadVoucherId(reader, kRequest.Field("voucher_id"), message.voucher_id())};
  }
  return {ReadCode(reader, kRequest.Field("code"), message.code()), {}};
}

app::VoucherReference ReadVoucher(FieldReader& reader, bool present,
                                  const v1::VoucherReference& message) {
  const FieldPath path = kRequest.Field("voucher");
  if (present) {
    switch (message.voucher_case()) {
      case v1::VoucherReference::kCode:
        return {ReadCode(reader, path.Field("code"), message.code()), {}};
      case v1::VoucherReference::kVoucherId:
        return {{}, ReadVoucherId(reader, path.Field("voucher_id"), message.voucher_id())};
      case v1::VoucherReference::VOUCHER_NOT_SET:
        break;
    }
  }
  reader.Violate(path, "needs a code or a voucher_id");
  return {};
}

std::set<VoucherView> ReadStates(FieldReader& reader, const v1::ListVouchersRequest& message) {
  std::set<VoucherView> states;
  const FieldPath path = kRequest.Field("states");
  if (message.states_size() > kVoucherStatesMax) {
    reader.Violate(path, "has more than " + std::to_string(kVoucherStatesMax) + " elements");
    return states;
  }
  for (int i = 0; i < message.states_size(); ++i) {
    if (const auto view = ViewOf(message.states(i))) {
      states.insert(*view);
    } else {
      reader.Violate(path.Index(static_cast<std::size_t>(i)), "is not a state of a voucher");
    }
  }
  return states;
}

app::RedeemRequest ReadRedemption(FieldReader& reader, const v1::ValidateVoucherRequest& message) {
  return ReadAnyRedemption(reader, message);
}

app::RedeemRequest ReadRedemption(FieldReader& reader, const v1::RedeemVoucherRequest& message) {
  app::RedeemRequest request = ReadAnyRedemption(reader, message);
  if (request.redemption.empty()) {
    reader.Violate(kRequest.Field("redemption_id"), "is required");
  }
  if (request.order.empty()) {
    reader.Violate(kRequest.Field("order_id"), "is required");
  }
  return request;
}

app::ReserveRequest ReadReservation(FieldReader& reader, const v1::ReserveVoucherRequest& message) {
  app::ReserveRequest request;
  request.code = ReadCode(reader, kRequest.Field("code"), message.code());
  request.customer =
      reader.ReadOptionalId<CustomerId>(kRequest.Field("customer_id"), message.customer_id());
  ReserveCommand& command = request.command;
  command.id =
      reader.ReadId<ReservationId>(kRequest.Field("reservation_id"), message.reservation_id());
  command.order = reader.ReadId<OrderId>(kRequest.Field("order_id"), message.order_id());
  if (message.has_order_total()) {
    command.order_total = reader.ReadMoney(kRequest.Field("order_total"), message.order_total());
  }
  command.amount = ReadAmount(reader, message.has_amount(), message.amount());
  if (message.has_hold_for()) {
    const FieldPath path = kRequest.Field("hold_for");
    if (const auto hold_for = reader.ReadDuration(path, message.hold_for())) {
      command.hold_for = *hold_for;
      if (*hold_for < kHoldMin || *hold_for > kHoldMax) {
        reader.Violate(path, "must be 1 second to 7 days");
      }
    }
  }
  return request;
}

std::string ReadReason(FieldReader& reader, const std::string& text) {
  reader.CheckText(kRequest.Field("reason"), text, 1, kVoucherReasonBytesMax);
  return text;
}

}  // namespace kulanz::rpc
