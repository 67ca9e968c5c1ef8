// RecordCodec: domain values <-> the bytes in the store, each sealed with a MAC.
//
// Stored form: 8 bytes of HMAC-SHA-256(secret, key | payload), then the payload, a message of
// proto/kulanz/record/v1. The key is part of the MAC, so a record that was moved or copied under another
// key fails too. A record that does not open is DATA_LOSS / RECORD_CORRUPT, never a decision.
//
// A voucher's record holds only what changes; its terms are the decision's, so a Voucher is decoded
// from both.
//
// Keys rotate: a record opens with any of them, and is sealed with the one that UseAt chose. Its id stands
// nowhere in a record, so that a record costs no byte more. Thread-safety: any method from any thread.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/app/key_ring.h"
#include "service/app/published.h"
#include "service/base/crypto.h"
#include "service/base/result.h"
#include "service/domain/customer.h"
#include "service/domain/decision.h"
#include "service/domain/history.h"
#include "service/domain/voucher.h"
#include "service/ports/store.h"

namespace kulanz::app {

struct Claim {
  ports::KeyHash customer{};  // HashOf("customer", id)
  std::string fingerprint;    // fingerprint.h
  std::uint32_t fingerprint_version = 0;
  std::uint32_t revision = 0;  // of the incident
  friend bool operator==(const Claim&, const Claim&) = default;
};

// A revision that was decided after the incident's first one.
struct LaterRevision {
  std::uint32_t revision = 0;
  std::optional<ports::KeyHash> voucher_key;  // granted only
  bool apologised = false;
  friend bool operator==(const LaterRevision&, const LaterRevision&) = default;
};

// An incident was taken back by who reported it.
struct Withdrawal {
  Instant at{};
  std::string reason;  // for people
  friend bool operator==(const Withdrawal&, const Withdrawal&) = default;
};

// A decision with the key of its voucher (granted only), and where it stands in its incident's case.
struct StoredDecision {
  Decision decision;
  std::optional<ports::KeyHash> voucher_key;
  // In the decision of the incident's first decided revision only: how the case went on.
  std::vector<LaterRevision> later;
  std::optional<Money> given;  // by all revisions; nothing: no money yet
  std::optional<Withdrawal> withdrawn;
  // In those of later revisions only: the key of the first one.
  std::optional<ports::KeyHash> first_key;
  friend bool operator==(const StoredDecision&, const StoredDecision&) = default;
};

// The changing part of a voucher: its life, where its decision is, what made its code, and its letter.
struct StoredVoucher : VoucherLife {
  ports::KeyHash incident{};  // key hash of the decision in the same partition
  std::string secret_id;
  std::uint32_t revision = 0;               // of the incident; with the secret, what made the code
  std::uint32_t issue = 0;                  // 0: the first code; grows with each reissue
  bool long_code = false;                   // 20 symbols instead of 16
  std::optional<ports::KeyHash> successor;  // of a reissued voucher: the one in its place
  std::optional<ports::KeyHash> predecessor;  // the one whose place it took
  DeliveryProgress delivery;
  std::string pool_code;  // encrypted; when the code is one of a pool, and not derived
  friend bool operator==(const StoredVoucher&, const StoredVoucher&) = default;
};

// The letter of an apology without a voucher; its key hash is its decision's.
struct StoredApology {
  bool withdrawn = false;
  DeliveryProgress delivery;
  friend bool operator==(const StoredApology&, const StoredApology&) = default;
};

// The voucher of `stored`, whose granted decision is `decision` (checked: it has terms); `key` is its own.
Voucher Join(const StoredVoucher& stored, const Decision& decision, const ports::Key& key);

class RecordCodec {
 public:
  // With one key, from ever.
  explicit RecordCodec(HmacKey mac_key);
  // Seals with the earliest until UseAt.
  explicit RecordCodec(std::vector<DatedKey> mac_keys);

  // From now on these; seals with the key that was chosen last, which must be among them (checked).
  void Replace(std::vector<DatedKey> mac_keys);
  // Seals with the key of `now` from here on: the store's time, so that all servers change together. Every
  // one of them must have the key by then, or it takes such a record for a corrupt one. Cheap.
  void UseAt(Instant now) const;
  // Of the key that records are sealed with.
  std::string sealing_id() const;

  // The sealed record of a payload, and back. Open: DATA_LOSS / RECORD_CORRUPT.
  std::string Seal(const ports::Key& key, std::string_view payload) const;
  Result<std::string> Open(const ports::Key& key, std::string_view stored) const;

  std::string Encode(const ports::Key& key, const Claim& claim) const;
  std::string Encode(const ports::Key& key, const StoredDecision& decision) const;
  std::string Encode(const ports::Key& key, const StoredVoucher& voucher) const;
  std::string Encode(const ports::Key& key, const StoredApology& apology) const;
  std::string Encode(const ports::Key& key, const History& history) const;
  std::string Encode(const ports::Key& key, const Customer& customer) const;

  // Each: DATA_LOSS / RECORD_CORRUPT when the record does not open or says what cannot be.
  Result<Claim> DecodeClaim(const ports::Key& key, std::string_view stored) const;
  Result<StoredDecision> DecodeDecision(const ports::Key& key, std::string_view stored) const;
  Result<StoredVoucher> DecodeVoucher(const ports::Key& key, std::string_view stored) const;
  Result<StoredApology> DecodeApology(const ports::Key& key, std::string_view stored) const;
  // An absent record ("") is an empty history.
  Result<History> DecodeHistory(const ports::Key& key, std::string_view stored) const;
  Result<Customer> DecodeCustomer(const ports::Key& key, std::string_view stored) const;

 private:
  std::string_view Authentic(const ports::Key& key, std::string_view stored) const;
  struct MacKeys {
    explicit MacKeys(std::vector<DatedKey> keys)
        : ring(std::move(keys)), sealing(&ring.keys().front()) {}
    MacKeys(MacKeys&& other) noexcept
        : ring(std::move(other.ring)),
          sealing(other.sealing.load()) {}  // the keys stay where they are
    KeyRing ring;
    mutable std::atomic<const DatedKey*> sealing;
  };
  std::unique_ptr<Published<MacKeys>> mac_keys_;
};

}  // namespace kulanz::app
