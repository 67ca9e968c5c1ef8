#include "service/adapters/redis/key_codec.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>

#include "service/base/check.h"
#include "service/ports/store_scan.h"

namespace kulanz::redis {
namespace {

constexpr std::string_view kGenesisPrefix = "KLZ1/";
constexpr std::size_t kStoreIdBytesMax = 32;
constexpr char kGenesisLetter = 'g';

void AppendHex3(std::uint32_t number, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const unsigned shift : {8U, 4U, 0U}) {
    out.push_back(kDigits[(number >> shift) & 0xfU]);
  }
}

std::optional<std::uint32_t> ParseHex3(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  if (text.size() != 3 || error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

void AppendTag(ports::PartitionId partition, std::string& out) {
  out.push_back('{');
  AppendHex3(partition.number, out);
  out.push_back('}');
}

}  // namespace

void AppendKey(const ports::Key& key, std::string& out) {
  AppendTag(key.partition, out);
  out.push_back(static_cast<char>(key.kind));
  for (const std::uint8_t byte : key.hash) {
    out.push_back(static_cast<char>(byte));
  }
}

std::optional<ports::Key> ParseKey(std::string_view bytes) {
  if (bytes.size() != kKeyBytes || bytes[0] != '{' || bytes[4] != '}') {
    return std::nullopt;
  }
  const std::optional<std::uint32_t> partition = ParseHex3(bytes.substr(1, 3));
  const std::optional<ports::RecordKind> kind = ports::KindOf(bytes[5]);
  if (!partition || *partition >= ports::kPartitionsMax || !kind) {
    return std::nullopt;
  }
  ports::Key key{{static_cast<std::uint16_t>(*partition)}, *kind, {}};
  std::copy(bytes.begin() + 6, bytes.end(), key.hash.begin());
  return key;
}

bool IsGenesisKey(std::string_view bytes) {
  return bytes.size() == 6 && bytes[0] == '{' && ParseHex3(bytes.substr(1, 3)) &&
         bytes.substr(4) == "}g";
}

std::string GenesisKey(ports::PartitionId partition) {
  std::string key;
  AppendTag(partition, key);
  key.push_back(kGenesisLetter);
  return key;
}

void AppendVersion(std::uint64_t version, std::string& out) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    out.push_back(
        static_cast<char>(static_cast<std::uint8_t>(version >> static_cast<unsigned>(shift))));
  }
}

std::uint64_t ReadVersion(std::string_view value) {
  KULANZ_CHECK(value.size() >= kVersionBytes, "the caller looked at the size");
  std::uint64_t version = 0;
  for (const char byte : value.substr(0, kVersionBytes)) {
    version = version << 8U | static_cast<std::uint8_t>(byte);
  }
  return version;
}

Status Genesis::Validate() const {
  const bool id_is_good = !store_id.empty() && store_id.size() <= kStoreIdBytesMax &&
                          std::all_of(store_id.begin(), store_id.end(), [](char symbol) {
                            return (symbol >= 'a' && symbol <= 'z') ||
                                   (symbol >= '0' && symbol <= '9') || symbol == '-';
                          });
  if (!id_is_good) {
    return Status(Code::kInvalidArgument, "STORE_LIMIT",
                  "a store id has 1 to 32 symbols of a-z, 0-9 and '-'");
  }
  if (!std::has_single_bit(partition_count) || partition_count > ports::kPartitionsMax) {
    return Status(Code::kInvalidArgument, "STORE_LIMIT",
                  "a store has a power of two of partitions, at most kPartitionsMax of " +
                      std::to_string(ports::kPartitionsMax));
  }
  return Status::Ok();
}

std::string Genesis::Text(ports::PartitionId partition) const {
  std::string text(kGenesisPrefix);
  text += store_id;
  text += '/';
  AppendHex3(partition_count, text);
  text += '/';
  AppendHex3(partition.number, text);
  return text;
}

std::optional<GenesisRecord> ParseGenesisRecord(std::string_view value) {
  constexpr std::size_t kNumbersBytes = 8;  // "/100/00f"
  if (value.size() < kVersionBytes + kGenesisPrefix.size() + kNumbersBytes ||
      value.substr(kVersionBytes, kGenesisPrefix.size()) != kGenesisPrefix) {
    return std::nullopt;
  }
  const std::string_view text = value.substr(kVersionBytes + kGenesisPrefix.size());
  const std::size_t id_bytes = text.size() - kNumbersBytes;
  const std::optional<std::uint32_t> count = ParseHex3(text.substr(id_bytes + 1, 3));
  const std::optional<std::uint32_t> number = ParseHex3(text.substr(id_bytes + 5, 3));
  if (text[id_bytes] != '/' || text[id_bytes + 4] != '/' || !count || !number ||
      *number >= *count) {
    return std::nullopt;
  }
  GenesisRecord record{ReadVersion(value),
                       {std::string(text.substr(0, id_bytes)), *count},
                       {static_cast<std::uint16_t>(*number)}};
  return record.genesis.Validate().ok() ? std::optional(record) : std::nullopt;
}

}  // namespace kulanz::redis
