// Ids: text that names something, one C++ type per kind so that they cannot be mixed up.
//
// Ids come from callers (1 to kIdBytesMax printable UTF-8 bytes, checked where requests are validated);
// here they are only carried, compared and ordered.
#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace kulanz {

inline constexpr std::size_t kIdBytesMax = 128;

template <typename Tag>
class Id {
 public:
  Id() = default;
  explicit Id(std::string text) : text_(std::move(text)) {}
  const std::string& text() const { return text_; }
  bool empty() const { return text_.empty(); }
  friend auto operator<=>(const Id&, const Id&) = default;

 private:
  std::string text_;
};

using IncidentId = Id<struct IncidentIdTag>;
using CustomerId = Id<struct CustomerIdTag>;
using OrderId = Id<struct OrderIdTag>;
using RedemptionId = Id<struct RedemptionIdTag>;
using ReservationId = Id<struct ReservationIdTag>;
using RevocationId = Id<struct RevocationIdTag>;
using ReissueId = Id<struct ReissueIdTag>;
using PolicyId = Id<struct PolicyIdTag>;
// SHA-256 of a policy set's canonical text, 64 hexadecimal digits.
using PolicyRevision = Id<struct PolicyRevisionTag>;

}  // namespace kulanz
