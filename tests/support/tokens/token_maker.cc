#include "tests/support/tokens/token_maker.h"

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <vector>

namespace kulanz::testing {
namespace {

std::string NumberOf(const EVP_PKEY& key, const char* name, int bytes = 0) {
  BIGNUM* number = nullptr;
  EXPECT_EQ(EVP_PKEY_get_bn_param(&key, name, &number), 1) << name;
  std::string out(static_cast<std::size_t>(bytes == 0 ? BN_num_bytes(number) : bytes), '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size()));
  BN_free(number);
  return out;
}

int CoordinateBytes(const EVP_PKEY& key) { return (EVP_PKEY_get_bits(&key) + 7) / 8; }

// JWS wants the two numbers one after the other, not DER.
std::string RawSignature(const std::string& der, int bytes) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  ECDSA_SIG* const signature = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
  std::string out(2 * static_cast<std::size_t>(bytes), '\0');
  auto* const raw = reinterpret_cast<unsigned char*>(out.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(signature), raw, bytes);
  BN_bn2binpad(ECDSA_SIG_get0_s(signature), raw + bytes, bytes);
  ECDSA_SIG_free(signature);
  return out;
}

}  // namespace

std::string Base64Url(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                     reinterpret_cast<const unsigned char*>(bytes.data()),
                                     static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(length));
  while (!out.empty() && out.back() == '=') {
    out.pop_back();
  }
  for (char& c : out) {
    c = c == '+' ? '-' : c == '/' ? '_' : c;
  }
  return out;
}

std::string Compact(std::string_view header, std::string_view claims, std::string_view signature) {
  return Base64Url(header) + "." + Base64Url(claims) + "." + Base64Url(signature);
}

SigningKey SigningKey::Rsa(int bits) {
  return SigningKey({EVP_RSA_gen(static_cast<unsigned int>(bits)), EVP_PKEY_free});
}

SigningKey SigningKey::Ec(const char* curve) {
  return SigningKey({EVP_EC_gen(curve), EVP_PKEY_free});
}

std::string SigningKey::Jwk(const std::string& kid, const std::string& more) const {
  const std::string head = R"({"kid":")" + kid + R"(","use":"sig",)" + more;
  if (EVP_PKEY_get_base_id(key_.get()) == EVP_PKEY_RSA) {
    return head + R"("kty":"RSA","n":")" + Base64Url(NumberOf(*key_, OSSL_PKEY_PARAM_RSA_N)) +
           R"(","e":")" + Base64Url(NumberOf(*key_, OSSL_PKEY_PARAM_RSA_E)) + "\"}";
  }
  const int bytes = CoordinateBytes(*key_);
  const std::string curve = bytes == 32 ? "P-256" : bytes == 48 ? "P-384" : "P-521";
  return head + R"("kty":"EC","crv":")" + curve + R"(","x":")" +
         Base64Url(NumberOf(*key_, OSSL_PKEY_PARAM_EC_PUB_X, bytes)) + R"(","y":")" +
         Base64Url(NumberOf(*key_, OSSL_PKEY_PARAM_EC_PUB_Y, bytes)) + "\"}";
}

std::string SigningKey::KeySet(const std::string& kid) const {
  return R"({"keys":[)" + Jwk(kid) + "]}";
}

std::string SigningKey::PublicPem() const {
  BIO* const bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PUBKEY(bio, key_.get());
  char* text = nullptr;
  const long length = BIO_get_mem_data(bio, &text);
  std::string pem(text, static_cast<std::size_t>(length));
  BIO_free(bio);
  return pem;
}

std::string SigningKey::Sign(std::string_view header, std::string_view claims,
                             const char* digest) const {
  const std::string signed_text = Base64Url(header) + "." + Base64Url(claims);
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  EXPECT_EQ(EVP_DigestSignInit_ex(context, nullptr, digest, nullptr, nullptr, key_.get(), nullptr),
            1);
  const auto* const text = reinterpret_cast<const unsigned char*>(signed_text.data());
  std::size_t length = 0;
  EXPECT_EQ(EVP_DigestSign(context, nullptr, &length, text, signed_text.size()), 1);
  std::string signature(length, '\0');
  EXPECT_EQ(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &length,
                           text, signed_text.size()),
            1);
  EVP_MD_CTX_free(context);
  signature.resize(length);
  if (EVP_PKEY_get_base_id(key_.get()) == EVP_PKEY_EC) {
    signature = RawSignature(signature, CoordinateBytes(*key_));
  }
  return signed_text + "." + Base64Url(signature);
}

std::string Header(std::string_view algorithm, std::string_view kid) {
  return R"({"alg":")" + std::string(algorithm) + R"(","kid":")" + std::string(kid) +
         R"(","typ":"JWT"})";
}

std::string Claims::ToJson(std::int64_t now_seconds) const {
  std::string json = "{";
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) {
      json += std::string(json.size() > 1 ? "," : "") + "\"" + name + "\":" + value;
    }
  };
  add("iss", iss);
  add("aud", aud);
  add("sub", sub);
  if (!without_exp) {
    add("exp", exp.empty() ? std::to_string(now_seconds + 3600) : exp);
  }
  add("nbf", nbf);
  if (!more.empty()) {
    json += "," + more;
  }
  return json + "}";
}

}  // namespace kulanz::testing
