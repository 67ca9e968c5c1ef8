#include "tests/e2e/raw_calls.h"

#include <utility>
#include <vector>

#include "service/base/check.h"

namespace kulanz::e2e {
namespace {

constexpr std::size_t kHeadBytes = 9;
constexpr std::uint8_t kAck = 1;
constexpr std::uint32_t kLargeWindow = 0x7FFF'0000;

// RFC 9113, 6.5.2; the last is gRPC's own: binary headers need no base64.
enum Setting : std::uint16_t {
  kHeaderTableSize = 1,
  kMaxConcurrentStreams = 3,
  kInitialWindowSize = 4,
  kTrueBinaryMetadata = 0xFE03,
};

std::uint32_t BigEndianIn(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char byte : bytes) {
    value = value << 8U | static_cast<std::uint8_t>(byte);
  }
  return value;
}

std::string WindowUpdate(std::uint32_t by) {
  std::string body;
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    body += static_cast<char>(by >> shift & 0xFFU);
  }
  return MakeFrame(Frame::kWindowUpdate, 0, 0, body);
}

}  // namespace

RawCalls::RawCalls(const std::string& address, std::uint32_t host, std::string path)
    : client_(address, host), path_(std::move(path)) {
  out_ = std::string(kPreface) + Settings(kHeaderTableSize, 0) +
         Settings(kInitialWindowSize, kLargeWindow) + Settings(kTrueBinaryMetadata, 1) +
         WindowUpdate(kLargeWindow);
}

void RawCalls::Begin(std::uint64_t tag, std::string_view message) {
  waiting_.push_back({tag, std::string(message)});
  Fill();
}

void RawCalls::Fill() {
  while (!waiting_.empty() && tags_.size() < streams_max_) {
    Waiting& next = waiting_.front();
    const std::string data = MessageFrame(next_stream_, next.message, true);
    const auto bytes = static_cast<std::int64_t>(data.size() - kHeadBytes);
    if (bytes > credit_) {
      return;
    }
    credit_ -= bytes;
    out_ += CallHeaders(next_stream_, path_) + data;
    tags_[next_stream_] = next.tag;
    next_stream_ += 2;
    waiting_.pop_front();
  }
}

void RawCalls::Send() { out_.erase(0, client_.SendSome(out_)); }

void RawCalls::Receive(const Ended& ended) {
  in_ += client_.Receive();
  std::string_view rest = in_;
  while (rest.size() >= kHeadBytes) {
    const std::size_t length = BigEndianIn(rest.substr(0, 3));
    if (rest.size() < kHeadBytes + length) {
      break;
    }
    HandleFrame(static_cast<Frame>(rest[3]), static_cast<std::uint8_t>(rest[4]),
                BigEndianIn(rest.substr(5, 4)), rest.substr(kHeadBytes, length), ended);
    rest.remove_prefix(kHeadBytes + length);
  }
  in_.erase(0, in_.size() - rest.size());
  if (client_.is_closed()) {
    while (!tags_.empty()) {
      End(tags_.begin()->first, "", ended);
    }
    for (const Waiting& call : std::exchange(waiting_, {})) {
      ended(call.tag, "");
    }
  }
  Fill();
}

void RawCalls::HandleFrame(Frame type, std::uint8_t flags, std::uint32_t stream,
                           std::string_view body, const Ended& ended) {
  switch (type) {
    case Frame::kHeaders:
      KULANZ_CHECK((flags & kEndHeaders) != 0, "gRPC's trailers fit into one frame");
      if ((flags & kEndStream) != 0) {
        End(stream, body, ended);
      }
      break;
    case Frame::kReset:
      End(stream, "", ended);
      break;
    case Frame::kSettings:
      if ((flags & kAck) == 0) {
        HandleSettings(body);
        out_ += MakeFrame(Frame::kSettings, kAck, 0, "");
      }
      break;
    case Frame::kPing:
      if ((flags & kAck) == 0) {
        out_ += MakeFrame(Frame::kPing, kAck, 0, body);
      }
      break;
    case Frame::kWindowUpdate:
      credit_ += stream == 0 ? BigEndianIn(body) : 0;
      break;
    default:  // Answers, which nobody reads.
      break;
  }
}

void RawCalls::HandleSettings(std::string_view body) {
  for (constexpr std::size_t kBytes = 6; body.size() >= kBytes; body.remove_prefix(kBytes)) {
    if (BigEndianIn(body.substr(0, 2)) == kMaxConcurrentStreams) {
      streams_max_ = BigEndianIn(body.substr(2, 4));
    }
  }
}

void RawCalls::End(std::uint32_t stream, std::string_view trailers, const Ended& ended) {
  const auto found = tags_.find(stream);
  if (found != tags_.end()) {
    const std::uint64_t tag = found->second;
    tags_.erase(found);
    ended(tag, trailers);
  }
}

std::string_view LiteralIn(std::string_view block, std::string_view name) {
  constexpr std::size_t kShort = 127;  // Of a longer one the length takes more than a byte.
  const std::size_t at = block.find(name);
  if (at == std::string_view::npos || at + name.size() >= block.size()) {
    return {};
  }
  const auto length = static_cast<std::uint8_t>(block[at + name.size()]);
  return length < kShort ? block.substr(at + name.size() + 1, length) : std::string_view();
}

}  // namespace kulanz::e2e
