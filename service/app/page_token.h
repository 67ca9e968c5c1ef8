// Page tokens of a customer's lists of decisions and vouchers: opaque, URL-safe, bound by a MAC to the
// customer and to the list.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "service/app/record_codec.h"
#include "service/domain/ids.h"
#include "service/ports/store.h"

namespace kulanz::app {

// The last entry of a page; the next page starts after it, in descending order.
struct PageToken {
  std::int64_t score = 0;
  std::string member;
  // Before every entry.
  static PageToken First() { return {ports::kStoredIntegerMax, std::string(17, '\xff')}; }
};

// Whose the tokens of a list are that belongs to no customer.
inline const CustomerId kNobody;

std::string FormatPageToken(const RecordCodec& codec, const CustomerId& customer,
                            const PageToken& token, std::string_view list = {});
// Nothing when it is not ours or belongs to another customer or list.
std::optional<PageToken> ParsePageToken(const RecordCodec& codec, const CustomerId& customer,
                                        std::string_view text, std::string_view list = {});

}  // namespace kulanz::app
