#include "service/adapters/webhook/webhook_signature.h"

#include <openssl/evp.h>

#include <array>
#include <fstream>
#include <sstream>
#include <utility>

#include "service/base/check.h"

namespace kulanz::adapters {
namespace {

constexpr std::string_view kPrefix = "whsec_";
constexpr std::size_t kFileBytesMax = 256;  // two secrets and their line ends

Status BadSecret(std::string why) {
  return Status(Code::kInvalidArgument, "WEBHOOK_SECRET", "a webhook secret " + std::move(why));
}

std::string Base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');  // and the NUL that OpenSSL adds
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes as bytes.
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

// Nothing when it is no base64.
Result<std::string> FromBase64(std::string_view text) {
  constexpr std::size_t kTextMax = 4 * kWebhookSecretBytesMax;
  std::size_t padding = 0;
  while (padding < 2 && text.size() > padding && text[text.size() - 1 - padding] == '=') ++padding;
  const bool shaped = !text.empty() && text.size() % 4 == 0 && text.size() <= kTextMax &&
                      text.find_first_not_of(
                          "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                          "0123456789+/") >= text.size() - padding;
  std::array<unsigned char, kTextMax> bytes{};
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes as bytes.
  const auto* from = reinterpret_cast<const unsigned char*>(text.data());
  const int size = shaped ? EVP_DecodeBlock(bytes.data(), from, static_cast<int>(text.size())) : -1;
  if (size < 0) return BadSecret("must be base64 behind whsec_");
  return std::string(bytes.begin(), bytes.begin() + (size - static_cast<int>(padding)));
}

}  // namespace

Result<WebhookSigner> WebhookSigner::Make(const std::vector<std::string>& secrets) {
  if (secrets.empty() || secrets.size() > kWebhookSecretsMax) {
    return BadSecret("is needed, or two while they rotate");
  }
  std::vector<HmacKey> keys;
  for (const std::string& secret : secrets) {
    if (!secret.starts_with(kPrefix)) return BadSecret("must begin with whsec_");
    KULANZ_ASSIGN_OR_RETURN(const std::string bytes,
                            FromBase64(std::string_view(secret).substr(kPrefix.size())));
    if (bytes.size() < kWebhookSecretBytesMin || bytes.size() > kWebhookSecretBytesMax) {
      return BadSecret("must be of 24 to 64 bytes");
    }
    keys.emplace_back(bytes);
  }
  return WebhookSigner(std::move(keys));
}

std::string WebhookSigner::Sign(std::string_view id, std::int64_t timestamp_s,
                                std::string_view body) const {
  KULANZ_CHECK(!id.empty() && id.find('.') == std::string_view::npos,
               "a '.' would make the signed text ambiguous");
  const std::string time = std::to_string(timestamp_s);
  std::string out;
  for (const HmacKey& key : keys_) {
    if (!out.empty()) out += " ";
    out += "v1," + Base64(AsView(key.Sign({id, ".", time, ".", body})));
  }
  return out;
}

Result<WebhookSigner> ReadWebhookSigner(const std::string& path) {
  const auto bad = [&path](const std::string& why) {
    return Status(Code::kFailedPrecondition, "WEBHOOK_SECRET_FILE", path + ": " + why);
  };
  std::ifstream file(path, std::ios::binary);
  std::string text(kFileBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || (file.fail() && !file.eof())) return bad("cannot be read");
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kFileBytesMax) return bad("has one or two lines, each a webhook secret");
  std::vector<std::string> secrets;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.ends_with('\r')) line.pop_back();
    secrets.push_back(std::move(line));
  }
  auto signer = WebhookSigner::Make(secrets);
  if (!signer.ok()) return bad(signer.status().message());
  return signer;
}

}  // namespace kulanz::adapters
