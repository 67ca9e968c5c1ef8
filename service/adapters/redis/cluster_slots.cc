#include "service/adapters/redis/cluster_slots.h"

#include <charconv>

#include "service/adapters/redis/blocking_client.h"
#include "service/adapters/redis/decimal_digits.h"
#include "service/adapters/redis/failures.h"
#include "service/adapters/redis/key_codec.h"

namespace kulanz::redis {
namespace {

// CRC-16/XMODEM, as Redis Cluster has it.
std::uint16_t Crc16(std::string_view bytes) {
  std::uint32_t crc = 0;
  for (const char byte : bytes) {
    crc ^= std::uint32_t{static_cast<std::uint8_t>(byte)} << 8U;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc & 0x8000U) != 0 ? (crc << 1U) ^ 0x1021U : crc << 1U;
    }
  }
  return static_cast<std::uint16_t>(crc & 0xffffU);
}

// "10.0.0.1:6379", ":6379" for the asked host itself; IPv6 without brackets, as Redis writes it.
std::optional<Endpoint> ParseNode(std::string_view text, std::string_view asked) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view host = text.substr(0, colon);
  const auto port = ParseNumber<std::uint16_t>(text.substr(colon + 1));
  if (!port || *port == 0) {
    return std::nullopt;
  }
  return Endpoint{std::string(host.empty() || host == "?" ? asked : host), *port};
}

}  // namespace

std::uint16_t SlotOf(ports::PartitionId partition) {
  const std::string key = GenesisKey(partition);  // "{<tag>}g"
  return static_cast<std::uint16_t>(Crc16(key.substr(1, key.find('}') - 1)) % kClusterSlots);
}

Result<std::vector<SlotRange>> ParseClusterSlots(const Reply& reply, std::string_view asked) {
  std::vector<SlotRange> slots;
  for (const Reply& range : reply.elements) {
    // First, last, then the nodes, the master first: host, port, id, ...
    if (range.elements.size() < 3 || range.elements[2].elements.size() < 2) {
      return BrokenReply("slots of another form");
    }
    const std::int64_t first = range.elements[0].integer;
    const std::int64_t last = range.elements[1].integer;
    const Reply& host = range.elements[2].elements[0];
    const std::int64_t port = range.elements[2].elements[1].integer;
    if (first < 0 || last < first || last >= kClusterSlots || port < 1 || port > 65'535) {
      return BrokenReply("slots that cannot be");
    }
    const bool is_asked = host.is_nil || host.text.empty() || host.text == "?";
    slots.push_back(
        {static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(last),
         Endpoint{is_asked ? std::string(asked) : host.text, static_cast<std::uint16_t>(port)}});
  }
  return slots;
}

std::optional<Endpoint> OwnerOf(const std::vector<SlotRange>& slots, std::uint16_t slot) {
  for (const SlotRange& range : slots) {
    if (range.first <= slot && slot <= range.last) {
      return range.master;
    }
  }
  return std::nullopt;
}

std::optional<Redirection> ParseRedirection(std::string_view error, std::string_view asked) {
  if (error.starts_with("TRYAGAIN")) {
    return Redirection{Redirection::Kind::kTryAgain, {}};
  }
  const bool is_moved = error.starts_with("MOVED ");
  if (!is_moved && !error.starts_with("ASK ")) {
    return std::nullopt;
  }
  // "MOVED 3999 127.0.0.1:6381"
  const std::size_t slot_at = error.find(' ') + 1;
  const std::size_t node_at = error.find(' ', slot_at);
  if (node_at == std::string_view::npos) {
    return std::nullopt;
  }
  std::string_view node_text = error.substr(node_at + 1);
  node_text = node_text.substr(0, node_text.find(' '));
  const std::optional<Endpoint> node = ParseNode(node_text, asked);
  if (!node) {
    return std::nullopt;
  }
  return Redirection{is_moved ? Redirection::Kind::kMoved : Redirection::Kind::kAsk, *node};
}

}  // namespace kulanz::redis
