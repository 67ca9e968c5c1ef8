#include "service/base/aead.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <memory>

#include "service/base/check.h"
#include "service/base/crypto.h"
#include "service/base/unsigned_bytes.h"

namespace kulanz {
namespace {

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

}  // namespace

AeadKey::AeadKey(std::string_view secret, std::string_view purpose) {
  const Sha256Digest derived = HmacKey(secret).Sign({purpose});
  std::copy(derived.begin(), derived.end(), key_.begin());
}

AeadKey::~AeadKey() { OPENSSL_cleanse(key_.data(), key_.size()); }

std::string AeadKey::Seal(const Nonce& nonce, std::string_view context,
                          std::string_view plain) const {
  const Context cipher(EVP_CIPHER_CTX_new());
  std::string sealed(kNonceBytes + plain.size() + kTagBytes, '\0');
  std::copy(nonce.begin(), nonce.end(), sealed.begin());
  unsigned char* const out = UnsignedBytes(sealed) + kNonceBytes;
  int size = 0;
  const bool ok =
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key_.data(), nonce.data()) ==
          1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &size, UnsignedBytes(context),
                        static_cast<int>(context.size())) == 1 &&
      EVP_EncryptUpdate(cipher.get(), out, &size, UnsignedBytes(plain),
                        static_cast<int>(plain.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), out + size, &size) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, out + plain.size()) == 1;
  KULANZ_CHECK(ok, "AES-GCM seals any bytes");
  return sealed;
}

std::optional<std::string> AeadKey::Open(std::string_view context, std::string_view sealed) const {
  if (sealed.size() < kNonceBytes + kTagBytes) {
    return std::nullopt;
  }
  const std::string_view body = sealed.substr(kNonceBytes, sealed.size() - kNonceBytes - kTagBytes);
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  std::string plain(body.size(), '\0');
  const Context cipher(EVP_CIPHER_CTX_new());
  int size = 0;
  const bool ready =
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key_.data(),
                         UnsignedBytes(sealed)) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &size, UnsignedBytes(context),
                        static_cast<int>(context.size())) == 1 &&
      EVP_DecryptUpdate(cipher.get(), UnsignedBytes(plain), &size, UnsignedBytes(body),
                        static_cast<int>(body.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1;
  KULANZ_CHECK(ready, "AES-GCM tries to open any bytes");
  if (EVP_DecryptFinal_ex(cipher.get(), UnsignedBytes(plain) + size, &size) != 1) {
    return std::nullopt;
  }
  return plain;
}

}  // namespace kulanz
