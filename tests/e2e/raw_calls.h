// RawCalls: unary calls over one connection, many at once, by frames made by hand: what a gRPC client would send for
// a tenth of the processor's time, and with a time of its own for when a call is sent and when its answer is there.
//
// It keeps to the server's limits as a client must: calls that it may not send yet wait here.
// Thread-safety: one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "tests/e2e/raw_client.h"

namespace kulanz::e2e {

class RawCalls {
 public:
  // How a call has ended: its trailers, as bytes. Empty: reset by the server, or the connection is gone.
  using Ended = std::function<void(std::uint64_t tag, std::string_view trailers)>;

  // From 127.0.0.<host>; for `path` alone.
  RawCalls(const std::string& address, std::uint32_t host, std::string path);

  bool is_connected() const { return client_.is_connected() && !client_.is_closed(); }
  int fd() const { return client_.fd(); }
  bool has_unsent() const { return !out_.empty(); }

  // Takes a call; it is on its way after the next Send.
  void Begin(std::uint64_t tag, std::string_view message);
  // As much as the server takes now.
  void Send();
  // What has come since.
  void Receive(const Ended& ended);

 private:
  void HandleFrame(Frame type, std::uint8_t flags, std::uint32_t stream, std::string_view body,
                   const Ended& ended);
  void HandleSettings(std::string_view body);
  void End(std::uint32_t stream, std::string_view trailers, const Ended& ended);
  void Fill();

  struct Waiting {
    std::uint64_t tag;
    std::string message;
  };

  RawClient client_;
  const std::string path_;
  std::string out_;                              // not sent yet
  std::string in_;                               // a frame's beginning
  std::deque<Waiting> waiting_;                  // for a place or for credit
  std::map<std::uint32_t, std::uint64_t> tags_;  // by stream, under way
  std::uint32_t next_stream_ = 1;
  std::size_t streams_max_ = 100;  // until the server says how many
  std::int64_t credit_ = 65'535;   // bytes of messages that the server takes
};

// The value of a header that is a literal, as gRPC's encoder writes what it cannot index; empty: it is not there.
std::string_view LiteralIn(std::string_view block, std::string_view name);

}  // namespace kulanz::e2e
