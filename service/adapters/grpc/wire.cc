#include "service/adapters/grpc/wire.h"

#include <grpcpp/support/proto_buffer_reader.h>

#include <array>
#include <cstdint>
#include <string>

#include "service/adapters/grpc/broken_utf8.h"
#include "service/base/check.h"

namespace kulanz::rpc {
namespace {

// Holds any usual request and answer; what is larger takes further blocks for the moment.
constexpr std::size_t kArenaBlockBytes = 16UL * 1024;

struct ThreadArena {
  ThreadArena() : arena(MakeOptions(*this)) {}
  static google::protobuf::ArenaOptions MakeOptions(ThreadArena& self) {
    google::protobuf::ArenaOptions options;
    options.initial_block = self.block.data();
    options.initial_block_size = self.block.size();
    return options;
  }
  alignas(std::max_align_t) std::array<char, kArenaBlockBytes> block;
  google::protobuf::Arena arena;
  bool leased = false;
};

ThreadArena& ArenaOfThisThread() {
  thread_local ThreadArena arena;
  return arena;
}

// All bytes as one piece, for the rare case that needs them so.
std::string Joined(const grpc::ByteBuffer& bytes) {
  std::vector<grpc::Slice> slices;
  std::string joined;
  if (bytes.Dump(&slices).ok()) {
    for (const grpc::Slice& slice : slices) {
      joined.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    }
  }
  return joined;
}

}  // namespace

ArenaLease::ArenaLease() : arena_(ArenaOfThisThread().arena) {
  ThreadArena& thread = ArenaOfThisThread();
  KULANZ_CHECK(!thread.leased, "one arena lease per thread at a time");
  thread.leased = true;
}

ArenaLease::~ArenaLease() {
  arena_.Reset();
  ArenaOfThisThread().leased = false;
}

Status ParseMessage(const grpc::ByteBuffer& bytes, google::protobuf::Message& message) {
  if (bytes.Length() > kRequestBytesMax) {
    return Status(Code::kInvalidArgument, "REQUEST_TOO_LARGE",
                  "the request has " + std::to_string(bytes.Length()) + " bytes; at most " +
                      std::to_string(kRequestBytesMax) + " are allowed")
        .WithMetadata("bytes", std::to_string(bytes.Length()))
        .WithMetadata("bytesMax", std::to_string(kRequestBytesMax));
  }
  if (bytes.Length() == 0) {  // An empty message may come without any slice.
    message.Clear();
    return Status::Ok();
  }
  grpc::Slice slice;
  if (bytes.TrySingleSlice(&slice).ok()) {
    if (message.ParseFromArray(slice.begin(), static_cast<int>(slice.size()))) {
      return Status::Ok();
    }
  } else {
    grpc::ByteBuffer copy(bytes);  // The reader takes a mutable buffer; copies share the bytes.
    grpc::ProtoBufferReader reader(&copy);
    if (reader.status().ok() && message.ParseFromZeroCopyStream(&reader)) {
      return Status::Ok();
    }
  }
  return Status::Invalid(ExplainUnparsable(*message.GetDescriptor(), Joined(bytes)));
}

grpc::ByteBuffer SerializeMessage(const google::protobuf::Message& message) {
  const std::size_t size = message.ByteSizeLong();
  grpc::Slice slice(size);
  // Slices are shared and so read-only; this one is not shared yet.
  auto* begin = const_cast<std::uint8_t*>(slice.begin());
  message.SerializeWithCachedSizesToArray(begin);
  return grpc::ByteBuffer(&slice, 1);
}

}  // namespace kulanz::rpc
