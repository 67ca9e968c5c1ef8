#include "service/adapters/grpc/tls_identity.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>
#include <optional>

namespace kulanz::rpc {
namespace {

template <auto kRelease>
struct Releaser {
  template <typename T>
  void operator()(T* object) const {
    kRelease(object);
  }
};
using Bio = std::unique_ptr<BIO, Releaser<BIO_free>>;
using Certificate = std::unique_ptr<X509, Releaser<X509_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, Releaser<EVP_PKEY_free>>;

Status Refused(std::string message) {
  ERR_clear_error();
  return Status(Code::kInvalidArgument, "TLS_FILES", std::move(message));
}

Bio Open(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Without a terminal to ask for a password.
int NoPassword(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) { return -1; }

// How many certificates follow each other; nothing when something else is among them.
std::optional<int> CountCertificates(const std::string& text) {
  const Bio bio = Open(text);
  int count = 0;
  while (
      const Certificate certificate{PEM_read_bio_X509(bio.get(), nullptr, NoPassword, nullptr)}) {
    ++count;
  }
  // The end of the text is "no start line"; anything else is damage.
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  return at_end ? std::optional(count) : std::nullopt;
}

std::optional<Instant> ReadTime(const ASN1_TIME* time) {
  std::tm parts = {};
  if (ASN1_TIME_to_tm(time, &parts) != 1) {
    return std::nullopt;
  }
  return Instant(std::chrono::seconds(timegm(&parts)));
}

}  // namespace

Result<TlsMaterial> CheckTlsMaterial(std::string certificate_chain, std::string private_key,
                                     std::string client_authorities, Instant now) {
  const auto chain = CountCertificates(certificate_chain);
  if (!chain || *chain == 0) {
    return Refused("the certificate is no PEM file of certificates");
  }
  const Certificate own(
      PEM_read_bio_X509(Open(certificate_chain).get(), nullptr, NoPassword, nullptr));
  const PrivateKey key(
      PEM_read_bio_PrivateKey(Open(private_key).get(), nullptr, NoPassword, nullptr));
  if (key == nullptr) {
    return Refused("the key is no PEM file of a private key without a password");
  }
  if (X509_check_private_key(own.get(), key.get()) != 1) {
    return Refused("the key is not the one of the certificate");
  }
  if (!client_authorities.empty()) {
    const auto authorities = CountCertificates(client_authorities);
    if (!authorities || *authorities == 0) {
      return Refused("the authorities of clients are no PEM file of certificates");
    }
  }
  const std::optional<Instant> begin = ReadTime(X509_get0_notBefore(own.get()));
  const std::optional<Instant> end = ReadTime(X509_get0_notAfter(own.get()));
  if (!begin || !end || *end <= now) {
    return Refused("the certificate has expired");
  }
  return TlsMaterial{std::move(certificate_chain), std::move(private_key),
                     std::move(client_authorities), *begin, *end};
}

}  // namespace kulanz::rpc
