// Sockets that listen, from an address as an operator writes it.
//
//   "127.0.0.1:50051", "[::1]:50051", "localhost:0"    port 0: a free one, the same for all its addresses
//   "[::]:50051"                                       IPv4, too; only IPv4 where there is no IPv6
//   "unix:/run/kulanz.sock"                            a stale socket there is replaced, and no other file
//
// kulanzd listens itself and hands connections to gRPC, because this gRPC version never accepts again once it
// ran out of file descriptors (connection_acceptor.h). Thread-safety: one owner.
#pragma once

#include <sys/socket.h>

#include <string>
#include <vector>

#include "service/base/file_descriptor.h"
#include "service/base/result.h"

namespace kulanz::rpc {

class ListeningSockets {
 public:
  // Two servers on one port would each get a part of the requests: that is refused.
  //   UNAVAILABLE / CANNOT_LISTEN    the address is taken, not of this machine, or cannot be understood
  static Result<ListeningSockets> Open(const std::string& address);
  ~ListeningSockets() { Close(); }
  ListeningSockets(ListeningSockets&& other) noexcept;
  ListeningSockets& operator=(ListeningSockets&& other) = delete;
  ListeningSockets(const ListeningSockets&) = delete;
  ListeningSockets& operator=(const ListeningSockets&) = delete;

  std::vector<int> descriptors() const;
  int port() const { return port_; }  // 0: a Unix socket
  // Where this machine reaches them: the first one's, with loopback in place of "any address".
  sockaddr_storage OwnAddress() const;
  // Who connects from now on is refused by the kernel. Removes a Unix socket's file.
  void Close();

 private:
  ListeningSockets() = default;
  Status OpenUnix(const std::string& path);
  Status OpenTcp(const std::string& host, const std::string& port);

  std::vector<FileDescriptor> sockets_;
  std::string path_;  // of a Unix socket
  int port_ = 0;
};

}  // namespace kulanz::rpc
