// Any bytes as a request: the border takes it, or says what is wrong in a status that fits into a trailer. What it takes is written and read again without a change.
//
// The first byte says which request; the rest is the message.
#include <google/protobuf/stubs/logging.h>
#include <grpcpp/support/slice.h>

#include <cstddef>
#include <cstdint>
#include <utility>

#include "google/rpc/status.pb.h"
#include "kulanz/v1/customer_service.pb.h"
#include "kulanz/v1/incident_service.pb.h"
#include "kulanz/v1/voucher_service.pb.h"
#include "service/adapters/grpc/errors.h"
#include "service/adapters/grpc/read_customer.h"
#include "service/adapters/grpc/read_incident.h"
#include "service/adapters/grpc/read_request.h"
#include "service/adapters/grpc/read_voucher_request.h"
#include "service/adapters/grpc/write_messages.h"
#include "service/base/check.h"

namespace {

// NOLINTNEXTLINE(google-build-using-namespace): the subject of this program.
using namespace kulanz;
using rpc::FieldPath;
using rpc::FieldReader;

void CheckRefusal(const Status& status) {
  KULANZ_CHECK(status.code() == Code::kInvalidArgument, "bytes alone are at fault");
  for (const FieldViolation& violation : status.violations()) {
    KULANZ_CHECK(!violation.description.empty(), "a violation says what is wrong");
  }
  google::rpc::Status details;
  rpc::ToProto(status, details);
  KULANZ_CHECK(details.ByteSizeLong() <= rpc::kErrorDetailsBytesMax + rpc::kErrorMessageBytesMax,
               "an error fits into a trailer");
}

// Reads `Message` as the service does.
template <typename Message, typename Read>
auto Ask(const grpc::ByteBuffer& bytes, Read read) {
  auto asked = rpc::ReadRequest<Message>(bytes, std::move(read));
  if (!asked.ok()) {
    CheckRefusal(asked.status());
  }
  return asked;
}

Incident IncidentOf(FieldReader& reader, const v1::Incident& message) {
  const FieldPath request;
  const FieldPath incident = request.Field("incident");
  return rpc::ReadIncident(reader, incident, message);
}

Customer CustomerOf(FieldReader& reader, const v1::Customer& message) {
  const FieldPath request;
  const FieldPath customer = request.Field("customer");
  return rpc::ReadCustomer(reader, customer, message);
}

void ReportIncident(const grpc::ByteBuffer& bytes) {
  const auto incident =
      Ask<v1::ReportIncidentRequest>(bytes, [](FieldReader& reader, const auto& message) {
        return IncidentOf(reader, message.incident());
      });
  if (incident.ok()) {
    v1::Incident written;
    rpc::Write(*incident, written);
    FieldReader reader;
    KULANZ_CHECK(IncidentOf(reader, written) == *incident && reader.ok(),
                 "an incident comes back as it was");
  }
}

void UpsertCustomer(const grpc::ByteBuffer& bytes) {
  const auto customer =
      Ask<v1::UpsertCustomerRequest>(bytes, [](FieldReader& reader, const auto& message) {
        return CustomerOf(reader, message.customer());
      });
  if (customer.ok()) {
    v1::Customer written;
    rpc::Write(*customer, written);
    FieldReader reader;
    KULANZ_CHECK(CustomerOf(reader, written) == *customer && reader.ok(),
                 "a customer comes back as it was");
  }
}

// Requests about vouchers, read by a function of their own.
template <typename Message>
void Redeem(const grpc::ByteBuffer& bytes) {
  static_cast<void>(Ask<Message>(bytes, [](FieldReader& reader, const auto& message) {
    return rpc::ReadRedemption(reader, message);
  }));
}

void Reserve(const grpc::ByteBuffer& bytes) {
  static_cast<void>(
      Ask<v1::ReserveVoucherRequest>(bytes, [](FieldReader& reader, const auto& message) {
        return rpc::ReadReservation(reader, message);
      }));
}

void GetVoucher(const grpc::ByteBuffer& bytes) {
  static_cast<void>(Ask<v1::GetVoucherRequest>(bytes, [](FieldReader& reader, const auto& message) {
    return rpc::ReadVoucher(reader, message);
  }));
}

void ListVouchers(const grpc::ByteBuffer& bytes) {
  static_cast<void>(Ask<v1::ListVouchersRequest>(
      bytes,
      [](FieldReader& reader, const auto& message) { return rpc::ReadStates(reader, message); }));
}

void Reissue(const grpc::ByteBuffer& bytes) {
  static_cast<void>(
      Ask<v1::ReissueVoucherRequest>(bytes, [](FieldReader& reader, const auto& message) {
        static_cast<void>(rpc::ReadReason(reader, message.reason()));
        return rpc::ReadVoucher(reader, message.has_voucher(), message.voucher());
      }));
}

constexpr void (*kRequests[])(const grpc::ByteBuffer&) = {&ReportIncident,
                                                          &UpsertCustomer,
                                                          &Redeem<v1::RedeemVoucherRequest>,
                                                          &Redeem<v1::ValidateVoucherRequest>,
                                                          &Reserve,
                                                          &GetVoucher,
                                                          &ListVouchers,
                                                          &Reissue};

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
  google::protobuf::SetLogHandler(nullptr);  // as the server does
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  grpc::Slice slice(data + 1, size - 1);
  kRequests[data[0] % std::size(kRequests)](grpc::ByteBuffer(&slice, 1));
  return 0;
}
