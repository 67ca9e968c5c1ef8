// PostfixServer: Debian's Postfix on a free port of loopback, with everything it keeps in a folder of its own.
//
// A second, independent mail server beside npm's. Postfix wants to be started by root and to give up its rights by
// itself; where there is no root, or no Postfix, Missing() says so, and the test is to be skipped loudly. Takes
// letters for example.com and xn--mller-kva.example into one maildir, over STARTTLS only;
// greylisted@example.com is 450, nobody@example.com is 550 5.1.1, other domains are not relayed to.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace kulanz::testing {

// Whom Postfix takes letters from, by Cyrus SASL, PLAIN or LOGIN.
struct PostfixLogin {
  std::string user;
  std::string password;
};

class PostfixServer {
 public:
  // Empty when there can be a server; otherwise what is missing, for GTEST_SKIP.
  static std::string Missing();
  // The same of one that wants a login.
  static std::string MissingForLogin();

  // Listens when it returns. `certificate`, `key`: files in PEM, for 127.0.0.1.
  // With `login`, from nobody else.
  PostfixServer(const std::string& certificate, const std::string& key,
                const std::optional<PostfixLogin>& login = std::nullopt);
  ~PostfixServer();
  PostfixServer(const PostfixServer&) = delete;
  PostfixServer& operator=(const PostfixServer&) = delete;

  int port() const { return port_; }
  // Files of the letters that arrived.
  std::vector<std::string> Letters() const;
  std::string Log() const;

 private:
  std::string directory_;
  int port_ = 0;
};

}  // namespace kulanz::testing
