#include "service/adapters/mail/mail_address.h"

#include <unicode/bytestream.h>
#include <unicode/idna.h>

#include <algorithm>
#include <memory>

#include "service/adapters/mail/text_safety.h"
#include "service/domain/customer.h"

namespace kulanz::adapters {
namespace {

Status BadAddress(std::string why) {
  return Status(Code::kInvalidArgument, "BAD_ADDRESS", std::move(why));
}

bool IsAtomText(char c) {
  constexpr std::string_view kSpecials = "!#$%&'*+-/=?^_`{|}~";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         kSpecials.find(c) != std::string_view::npos;
}

bool IsDotAtom(std::string_view text) {
  if (text.empty() || text.front() == '.' || text.back() == '.') return false;
  if (text.find("..") != std::string_view::npos) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return c == '.' || IsAtomText(c); });
}

// Made once: immutable, and ICU says that it may be used by any thread.
const icu::IDNA* Idna() {
  static const std::unique_ptr<icu::IDNA> idna = [] {
    UErrorCode error = U_ZERO_ERROR;
    return std::unique_ptr<icu::IDNA>(
        icu::IDNA::createUTS46Instance(UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_USE_STD3_RULES |
                                           UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ,
                                       error));
  }();
  return idna.get();
}

Result<std::string> ToAsciiDomain(std::string_view domain) {
  std::string ascii;
  icu::StringByteSink<std::string> sink(&ascii);
  icu::IDNAInfo info;
  UErrorCode error = U_ZERO_ERROR;
  const icu::StringPiece text(domain.data(), static_cast<std::int32_t>(domain.size()));
  Idna()->nameToASCII_UTF8(text, sink, info, error);
  if (U_FAILURE(error) != 0 || info.hasErrors() != 0)
    return BadAddress("its domain is no valid name");
  if (ascii.find('.') == std::string::npos) return BadAddress("its domain has no dot");
  if (ascii.size() > kDomainBytesMax) return BadAddress("its domain is longer than 255 bytes");
  return ascii;
}

}  // namespace

Result<std::string> ToAsciiAddress(std::string_view address) {
  if (address.size() > kEmailBytesMax) return BadAddress("it is longer than 320 bytes");
  if (!IsSafeHeaderText(address)) return BadAddress("it contains control characters");
  const std::size_t at = address.rfind('@');
  if (at == std::string_view::npos) return BadAddress("it has no @");
  const std::string_view local = address.substr(0, at);
  if (local.size() > kLocalPartBytesMax) return BadAddress("what stands before the @ is too long");
  if (!IsDotAtom(local)) return BadAddress("what stands before the @ is not plain ASCII");
  KULANZ_ASSIGN_OR_RETURN(const std::string domain, ToAsciiDomain(address.substr(at + 1)));
  return std::string(local) + "@" + domain;
}

std::string_view DomainOf(std::string_view ascii_address) {
  return ascii_address.substr(ascii_address.rfind('@') + 1);
}

}  // namespace kulanz::adapters
