// Bearer tokens and key sets, as strangers send and operators write them: whatever the bytes, no crash, and no
// token is believed, because nobody here can sign one.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "service/adapters/jose/token_verifier.h"

namespace {

using kulanz::Instant;
using kulanz::jose::KeySet;
using kulanz::jose::TokenVerifier;

// Public keys whose private ones were thrown away.
constexpr std::string_view kKeys = R"({"keys":[
{"kid":"ec","use":"sig","kty":"EC","crv":"P-256",
"x":"70_44Tglkk5iMAZkXM5G5kq2ZWWpyw7RpfJlFht6G5c","y":"2ikklYLpjA4qMs7nYlfsmTrQ8LHgQItPZRiQTo8SQWg"},
{"kid":"rsa","use":"sig","kty":"RSA","e":"AQAB",
"n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"}]})";

TokenVerifier Make() {
  auto keys = KeySet::Parse(kKeys);
  if (!keys.ok() || keys->size() != 2) {
    std::abort();
  }
  return TokenVerifier({{.name = "i",
                         .audiences = {"a"},
                         .algorithms = {"RS256", "PS256", "ES256"},
                         .groups_at = {"g"},
                         .keys = std::move(keys).value()}});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TokenVerifier verifier = Make();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (verifier.Verify(text, Instant(std::chrono::seconds(1'800'000'000))).ok()) {
    std::abort();
  }
  if (const auto keys = KeySet::Parse(text); keys.ok() && keys->size() == 0) {
    std::abort();
  }
  return 0;
}
