// Channel: by which way an apology reaches a customer.
#pragma once

#include <cstdint>

namespace kulanz {

// The numbers are stored; add at the end only.
enum class Channel : std::uint8_t { kEmail, kWebhook };

}  // namespace kulanz
