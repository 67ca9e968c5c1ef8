// FieldReader: reads the fields of a request into domain values and gathers every violation.
//
// Nothing stops at the first mistake: a field that cannot be read is noted with its path and gives a
// harmless default or nothing, and the caller asks for violations() at the end. One per request; not
// thread-safe. Descriptions never repeat a value: it may be personal or secret.
#pragma once

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "google/type/money.pb.h"
#include "service/adapters/grpc/field_path.h"
#include "service/base/status.h"
#include "service/domain/ids.h"
#include "service/domain/money.h"
#include "service/domain/time.h"

namespace kulanz::rpc {

class FieldReader {
 public:
  void Violate(const FieldPath& path, std::string description);

  // 1 to kIdBytesMax bytes of printable text.
  template <typename IdType>
  IdType ReadId(const FieldPath& path, const std::string& text) {
    CheckText(path, text, 1, kIdBytesMax);
    return IdType(text);
  }
  // Empty is fine.
  template <typename IdType>
  IdType ReadOptionalId(const FieldPath& path, const std::string& text) {
    CheckText(path, text, 0, kIdBytesMax);
    return IdType(text);
  }
  // Printable text of that many bytes. False when it was violated.
  bool CheckText(const FieldPath& path, const std::string& text, std::size_t bytes_min,
                 std::size_t bytes_max);

  // In the API's range; what is finer than a millisecond is cut off, towards the past.
  std::optional<Instant> ReadInstant(const FieldPath& path,
                                     const google::protobuf::Timestamp& timestamp);
  // What is finer than a millisecond is cut off, towards zero.
  std::optional<Duration> ReadDuration(const FieldPath& path,
                                       const google::protobuf::Duration& duration);
  // "2026-03-01".
  std::optional<Date> ReadDate(const FieldPath& path, const std::string& text);
  // Known currency, whole minor units, not negative, in Money's range.
  std::optional<Money> ReadMoney(const FieldPath& path, const google::type::Money& money);

  bool ok() const { return violations_.empty(); }
  Violations Take() { return std::move(violations_); }

 private:
  Violations violations_;
};

}  // namespace kulanz::rpc
