// Header fields as RFC 5322 wants them: folded, and with RFC 2047 encoded words where ASCII ends.
//
//   UnstructuredField("Subject", "Ihr Paket kam zu spät")
//   MailboxField("To", {"Jörg Müller", "joerg@example.com"})
//
// Lines are at most 76 characters where text allows a fold; encoded words never cut a character in two.
// Thread-safe; pure functions. Values must be safe (IsSafeHeaderText, checked): refusing them is the
// caller's, and this is the last line of defence against forged headers.
#pragma once

#include <string>
#include <string_view>

namespace kulanz::adapters {

struct Mailbox {
  std::string name;     // display name; may be empty
  std::string address;  // from ToAsciiAddress
};

// Each returns "Name: value\r\n", with CRLF + blank inside where it is folded.
std::string UnstructuredField(std::string_view name, std::string_view value);
std::string MailboxField(std::string_view name, const Mailbox& mailbox);

}  // namespace kulanz::adapters
