// Reads a customer from its message. What breaks a rule of customer.proto is noted by field path; whether
// the time zone exists is the use-case's question. Thread-safe.
#pragma once

#include "kulanz/v1/customer.pb.h"
#include "service/adapters/grpc/field_path.h"
#include "service/adapters/grpc/field_reader.h"
#include "service/domain/customer.h"

namespace kulanz::rpc {

inline constexpr std::int64_t kOrdersCompletedMax = 1'000'000'000;
inline constexpr std::size_t kCustomerAttributeNameBytesMax = 64;

Customer ReadCustomer(FieldReader& reader, const FieldPath& path, const v1::Customer& message);

}  // namespace kulanz::rpc
