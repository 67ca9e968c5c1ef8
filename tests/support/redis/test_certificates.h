// TestCertificates: an authority, a server's certificate and a client's, made with openssl.
//
// In a temporary directory that goes with it. The server's certificate is made out to "redis.test" and
// 127.0.0.1. A failure fails the test.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "service/adapters/redis/options.h"

namespace kulanz::testing {

class TestCertificates {
 public:
  TestCertificates();
  ~TestCertificates();
  TestCertificates(const TestCertificates&) = delete;
  TestCertificates& operator=(const TestCertificates&) = delete;

  std::string ca() const { return File("ca.pem"); }
  std::string server() const { return File("server.pem"); }
  std::string server_key() const { return File("server.key"); }
  std::string client() const { return File("client.pem"); }
  std::string client_key() const { return File("client.key"); }
  // Of an authority that signed nothing here.
  std::string other_ca() const { return File("other.pem"); }
  // A client's certificate by that authority.
  std::string other_client() const { return File("intruder.pem"); }
  std::string other_client_key() const { return File("intruder.key"); }

  // Arguments of redis-server: TLS on `port`, with a certificate asked of every client.
  std::vector<std::string> ServerArguments(std::string_view port) const;
  // TLS only, also between masters, replicas, Sentinels and the nodes of a cluster.
  std::vector<std::string> OnlyTlsArguments(std::uint16_t port) const;
  // What a client of such a server needs.
  redis::TlsOptions ClientOptions() const;

 private:
  std::string File(const std::string& name) const { return directory_ + "/" + name; }
  void MakeAuthority(const std::string& name) const;
  void MakeCertificate(const std::string& name, const std::string& authority,
                       const std::string& alternative_names) const;
  void OpenSsl(const std::string& arguments) const;

  std::string directory_;
};

}  // namespace kulanz::testing
