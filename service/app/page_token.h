// Page tokens of a customer's list of decisions: opaque, URL-safe, bound to the customer by a MAC.
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

std::string FormatPageToken(const RecordCodec& codec, const CustomerId& customer,
                            const PageToken& token);
// Nothing when it is not ours or belongs to another customer.
std::optional<PageToken> ParsePageToken(const RecordCodec& codec, const CustomerId& customer,
                                        std::string_view text);

}  // namespace kulanz::app
