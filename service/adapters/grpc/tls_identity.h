// TlsIdentity: the certificate that a server shows and the authorities whose clients it believes, replaced while
// it runs. A handshake uses what is there when it begins; connections that are open stay as they are.
//
// Thread-safety: any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "service/base/result.h"
#include "service/domain/time.h"

namespace kulanz::rpc {

// PEM texts that fit together.
struct TlsMaterial {
  std::string certificate_chain;  // the server's own first
  std::string private_key;
  std::string client_authorities;  // empty: clients are not asked for certificates
  Instant valid_from{};            // of the server's own
  Instant valid_until{};           // likewise

  friend bool operator==(const TlsMaterial&, const TlsMaterial&) = default;
};

// INVALID_ARGUMENT / TLS_FILES saying what does not fit: no PEM, a key with a password, a key of another
// certificate, no authority, a certificate that ends before `now`.
Result<TlsMaterial> CheckTlsMaterial(std::string certificate_chain, std::string private_key,
                                     std::string client_authorities, Instant now);

// Whether clients are asked for a certificate, and may go on without one.
enum class ClientCertificates : std::uint8_t { kNone, kOptional, kRequired };

class TlsIdentity {
 public:
  explicit TlsIdentity(TlsMaterial first)
      : current_(std::make_shared<const TlsMaterial>(std::move(first))) {}

  void Replace(TlsMaterial next) {
    auto replaced = std::make_shared<const TlsMaterial>(std::move(next));
    const std::lock_guard lock(mutex_);
    current_.swap(replaced);
    ++generation_;
  }
  struct Version {
    std::shared_ptr<const TlsMaterial> material;
    std::uint64_t generation = 0;
  };
  Version Current() const {
    const std::lock_guard lock(mutex_);
    return {current_, generation_};
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const TlsMaterial> current_;
  std::uint64_t generation_ = 1;
};

}  // namespace kulanz::rpc
