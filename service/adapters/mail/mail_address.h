// Mail addresses: checked, and with the domain in ASCII, as every mail server understands it.
//
// Thread-safe; pure functions.
#pragma once

#include <string>
#include <string_view>

#include "service/base/result.h"

namespace kulanz::adapters {

inline constexpr std::size_t kLocalPartBytesMax = 64;  // RFC 5321, section 4.5.3.1
inline constexpr std::size_t kDomainBytesMax = 255;

// "user@müller.example" -> "user@xn--mller-kva.example". The local part is a dot-atom of ASCII (anything
// else needs SMTPUTF8 on the whole way, or was mistyped); the domain follows IDNA 2008 (UTS 46,
// non-transitional). Domain literals are refused.
//   INVALID_ARGUMENT / BAD_ADDRESS   the message says which part is wrong and never quotes the address
Result<std::string> ToAsciiAddress(std::string_view address);

// What follows the '@' of an address that ToAsciiAddress gave.
std::string_view DomainOf(std::string_view ascii_address);

}  // namespace kulanz::adapters
