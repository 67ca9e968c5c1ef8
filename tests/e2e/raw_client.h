// RawClient: HTTP/2 made by hand, for what no library would send; and frames and header blocks to make it of.
//
//   RawClient client(address, 2);                  from 127.0.0.2
//   client.Send(kPreface + Settings() + CallHeaders(1, "/kulanz.v1.IncidentService/ReportIncident"));
//
// Thread-safety: one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "service/base/file_descriptor.h"

namespace kulanz::e2e {

inline constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

enum class Frame : std::uint8_t {
  kData = 0,
  kHeaders = 1,
  kPriority = 2,
  kReset = 3,
  kSettings = 4,
  kPing = 6,
  kGoAway = 7,
  kWindowUpdate = 8,
  kContinuation = 9,
};
inline constexpr std::uint8_t kEndStream = 1;
inline constexpr std::uint8_t kEndHeaders = 4;

// `length`: what the frame's head claims; by default the truth.
std::string MakeFrame(Frame type, std::uint8_t flags, std::uint32_t stream, std::string_view body,
                      std::int64_t length = -1);
// Settings with one of them given, or none (0).
std::string Settings(std::uint16_t id = 0, std::uint32_t value = 0);
// "name: value" as HPACK says it without a table.
std::string Header(std::string_view name, std::string_view value);
// HEADERS that open a call of `path`.
std::string CallHeaders(std::uint32_t stream, std::string_view path);
// DATA with one gRPC message.
std::string MessageFrame(std::uint32_t stream, std::string_view message, bool last);
std::string Reset(std::uint32_t stream);

class RawClient {
 public:
  // `address`: of a server on loopback; `host`: of 127.0.0.<host> it is from.
  explicit RawClient(const std::string& address, std::uint32_t host = 2);

  bool is_connected() const { return socket_.valid(); }
  int fd() const { return socket_.get(); }
  // Sends as much as goes without waiting; how much that was.
  std::size_t SendSome(std::string_view bytes);
  // All of it; false when the peer has gone, or takes nothing for 20 s.
  bool Send(std::string_view bytes);
  // What has come, if anything; is_closed() tells whether more can.
  std::string Receive();
  bool is_closed() const { return closed_; }
  // Whether the peer ends the connection within that time; what comes meanwhile is read and forgotten.
  bool IsClosedWithin(std::chrono::milliseconds time);
  int Release() { return socket_.Release(); }

 private:
  FileDescriptor socket_;
  bool closed_ = false;
};

}  // namespace kulanz::e2e
