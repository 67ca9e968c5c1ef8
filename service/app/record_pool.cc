#include "service/app/record_pool.h"

#include "kulanz/record/v1/pool.pb.h"
#include "service/app/record_known_fields.h"

namespace kulanz::app {
namespace {

namespace pb = kulanz::record::v1;

}  // namespace

std::string Encode(const RecordCodec& codec, const ports::Key& key, const StoredPoolCode& code) {
  pb::PoolCode record;
  record.set_pool(code.pool);
  record.set_sealed(code.sealed);
  record.set_hop(static_cast<std::uint64_t>(code.hop));
  return codec.Seal(key, record.SerializeAsString());
}

std::string Encode(const RecordCodec& codec, const ports::Key& key, const StoredPool& pool) {
  pb::Pool record;
  record.set_name(pool.name);
  record.set_imported(pool.imported);
  return codec.Seal(key, record.SerializeAsString());
}

Result<StoredPoolCode> DecodePoolCode(const RecordCodec& codec, const ports::Key& key,
                                      std::string_view stored) {
  KULANZ_ASSIGN_OR_RETURN(const std::string payload, codec.Open(key, stored));
  KULANZ_RETURN_IF_ERROR(CheckFieldsAreKnown<pb::PoolCode>(payload));
  pb::PoolCode record;
  if (!record.ParseFromString(payload) || record.pool().empty() ||
      record.hop() > static_cast<std::uint64_t>(ports::kStoredIntegerMax)) {
    return Status(Code::kDataLoss, "RECORD_CORRUPT",
                  "a stored record of kind 'k' is not a code of a pool");
  }
  return StoredPoolCode{record.pool(), record.sealed(), static_cast<std::int64_t>(record.hop())};
}

Result<StoredPool> DecodePool(const RecordCodec& codec, const ports::Key& key,
                              std::string_view stored) {
  if (stored.empty()) {
    return StoredPool{};
  }
  KULANZ_ASSIGN_OR_RETURN(const std::string payload, codec.Open(key, stored));
  KULANZ_RETURN_IF_ERROR(CheckFieldsAreKnown<pb::Pool>(payload));
  pb::Pool record;
  if (!record.ParseFromString(payload)) {
    return Status(Code::kDataLoss, "RECORD_CORRUPT", "a stored record of kind 'u' is not a pool");
  }
  return StoredPool{record.name(), record.imported()};
}

}  // namespace kulanz::app
