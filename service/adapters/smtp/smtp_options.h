// SmtpOptions: the mail server that letters are handed to, and how.
//
// TLS is never optional: smtp:// begins in the clear and must change to TLS (STARTTLS) before anything else
// is said, smtps:// is TLS from the first byte. The server's certificate is always checked.
//
// Thread-safety: plain values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "service/base/result.h"
#include "service/domain/time.h"

namespace kulanz::adapters {

inline constexpr std::uint32_t kSmtpConnectionsMax = 64;
inline constexpr std::uint32_t kSmtpRateMax = 10'000;  // letters per second
inline constexpr Duration kSmtpTimeoutMin{1'000};
inline constexpr Duration kSmtpTimeoutMax{600'000};
inline constexpr std::size_t kSmtpUserBytesMax = 255;

struct SmtpOptions {
  std::string url;            // smtp://host[:587] or smtps://host[:465]
  std::string user;           // empty: no login
  std::string password_file;  // read again for every letter
  std::string ca_file;        // empty: what the system trusts
  // Where bounces go (MAIL FROM); empty: to the person who signs.
  std::string sender;
  std::string client_name;  // what the server is greeted with (EHLO); empty: this machine's name
  std::uint32_t connections = 4;
  std::uint32_t letters_per_second = 0;  // of this process; 0: no limit
  Duration timeout{30'000};              // for one letter, from connecting to the last reply
  // How long a letter may wait for its turn before it is given back unsent.
  Duration queue_time{30'000};
};

struct SmtpServer {
  bool implicit_tls = false;
  std::string host;  // a name or an address in ASCII; IPv6 in brackets
  std::uint16_t port = 0;
  friend bool operator==(const SmtpServer&, const SmtpServer&) = default;
};

// INVALID_ARGUMENT / SMTP_URL. Users and passwords have no place in the URL, which others can see.
Result<SmtpServer> ParseSmtpUrl(const std::string& url);

// Everything that is wrong with them, one sentence each that begins with the option's name; empty: nothing.
// Reads no file.
std::vector<std::string> Violations(const SmtpOptions& options);

}  // namespace kulanz::adapters
