#include "service/base/crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <charconv>
#include <mutex>
#include <vector>

#include "service/base/check.h"
#include "service/base/unsigned_bytes.h"

namespace kulanz {
namespace {

// Fetched once: an implicit fetch at each call costs more than the hash of a short text.
const EVP_MD* Sha256Algorithm() {
  static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return algorithm;
}

EVP_MAC* HmacAlgorithm() {
  static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  return algorithm;
}

struct MdContext {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~MdContext() { EVP_MD_CTX_free(context); }
};

}  // namespace

Sha256Digest Sha256(std::string_view data) {
  thread_local const MdContext md;
  Sha256Digest digest;
  unsigned int size = 0;
  const bool ok = EVP_DigestInit_ex2(md.context, Sha256Algorithm(), nullptr) == 1 &&
                  EVP_DigestUpdate(md.context, data.data(), data.size()) == 1 &&
                  EVP_DigestFinal_ex(md.context, digest.data(), &size) == 1;
  KULANZ_CHECK(ok && size == digest.size(), "SHA-256 works on any bytes");
  return digest;
}

// A pool: making a state costs three times as much as using one again.
class HmacKey::Contexts {
 public:
  explicit Contexts(EVP_MAC_CTX* first) : all_{first} {}
  ~Contexts() {
    for (EVP_MAC_CTX* const context : all_) {
      EVP_MAC_CTX_free(context);
    }
  }
  Contexts(const Contexts&) = delete;
  Contexts& operator=(const Contexts&) = delete;

  // One that nobody uses, ready to sign; null when OpenSSL fails.
  EVP_MAC_CTX* Take() {
    EVP_MAC_CTX* context = nullptr;
    {
      const std::lock_guard lock(mutex_);
      if (all_.size() > 1) {
        context = all_.back();
        all_.pop_back();
      } else {
        // The last one stays: the others are copies of it.
        context = EVP_MAC_CTX_dup(all_.front());
      }
    }
    if (context != nullptr && EVP_MAC_init(context, nullptr, 0, nullptr) != 1) {
      EVP_MAC_CTX_free(context);
      return nullptr;
    }
    return context;
  }
  void GiveBack(EVP_MAC_CTX* context) {
    const std::lock_guard lock(mutex_);
    all_.push_back(context);
  }

 private:
  std::mutex mutex_;
  std::vector<EVP_MAC_CTX*> all_;  // never empty
};

HmacKey::HmacKey(std::string_view secret) {
  KULANZ_CHECK(secret.size() >= 16 && secret.size() <= 1024, "a secret has 16 to 1,024 bytes");
  EVP_MAC_CTX* const context = EVP_MAC_CTX_new(HmacAlgorithm());
  contexts_ = std::make_unique<Contexts>(context);
  char digest_name[] = "SHA256";
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest_name, 0),
      OSSL_PARAM_construct_end()};
  KULANZ_CHECK(EVP_MAC_init(context, UnsignedBytes(secret), secret.size(), params) == 1,
               "HMAC-SHA-256 takes any key");
}

HmacKey::HmacKey(HmacKey&& other) noexcept = default;
HmacKey& HmacKey::operator=(HmacKey&& other) noexcept = default;
HmacKey::~HmacKey() = default;

Sha256Digest HmacKey::Sign(std::initializer_list<std::string_view> parts) const {
  EVP_MAC_CTX* const mac = contexts_->Take();
  bool ok = mac != nullptr;
  for (const std::string_view part : parts) {
    ok = ok && EVP_MAC_update(mac, UnsignedBytes(part), part.size()) == 1;
  }
  Sha256Digest digest;
  std::size_t size = 0;
  ok = ok && EVP_MAC_final(mac, digest.data(), &size, digest.size()) == 1;
  KULANZ_CHECK(ok && size == digest.size(), "HMAC-SHA-256 works on any bytes");
  contexts_->GiveBack(mac);
  return digest;
}

bool ConstantTimeEquals(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string ToHex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<std::uint8_t>(c);
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

std::optional<std::string> FromHex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    unsigned value = 0;
    const char* const end = hex.data() + i + 2;
    const auto [stop, error] = std::from_chars(hex.data() + i, end, value, 16);
    if (error != std::errc{} || stop != end) {
      return std::nullopt;
    }
    bytes += static_cast<char>(value);
  }
  return hex.size() % 2 == 0 ? std::optional(bytes) : std::nullopt;
}

}  // namespace kulanz
