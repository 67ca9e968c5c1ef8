// Bodies for the wire: quoted-printable, and plain text that reflows.
//
// Thread-safe; pure functions; cannot fail. Input has '\n' line ends, output CRLF.
#pragma once

#include <string>
#include <string_view>

namespace kulanz::adapters {

// RFC 2045: lines of at most 76 characters, all ASCII. "From " and "." at the start of a line are encoded
// as well, so that no mailbox format or relay changes them.
std::string QuotedPrintable(std::string_view text);

// RFC 3676, format=flowed: paragraphs (long lines) are broken at blanks to at most 72 columns, with the
// blank kept at the line's end, from which a reader knows that the paragraph goes on. Other lines lose
// trailing blanks; lines that would be mistaken for quotes are stuffed. Runs of empty lines become one.
std::string Flowed(std::string_view text);

}  // namespace kulanz::adapters
