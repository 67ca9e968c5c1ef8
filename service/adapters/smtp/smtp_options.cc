#include "service/adapters/smtp/smtp_options.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "service/adapters/mail/mail_address.h"
#include "service/adapters/mail/text_safety.h"

namespace kulanz::adapters {
namespace {

constexpr std::uint16_t kSubmissionPort = 587;          // RFC 6409
constexpr std::uint16_t kSubmissionPortImplicit = 465;  // RFC 8314
constexpr std::size_t kHostBytesMax = 255;

Status BadUrl(std::string why) {
  return Status(Code::kInvalidArgument, "SMTP_URL", std::move(why));
}

bool IsHostName(std::string_view host) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.';
  };
  return !host.empty() && host.size() <= kHostBytesMax && host.front() != '-' &&
         host.front() != '.' && std::all_of(host.begin(), host.end(), letter);
}

bool IsBracketedIpv6(std::string_view host) {
  if (!host.starts_with('[') || !host.ends_with(']') || host.size() < 4 || host.size() > 47) {
    return false;
  }
  host = host.substr(1, host.size() - 2);
  return host.find(':') != std::string_view::npos &&
         host.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
}

bool ReadPort(std::string_view text, std::uint16_t& port) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port != 0;
}

void CheckLogin(const SmtpOptions& options, std::vector<std::string>& out) {
  if (options.user.empty() != options.password_file.empty()) {
    out.emplace_back("--smtp-user and --smtp-password-file need each other");
  }
  if (options.user.size() > kSmtpUserBytesMax || !IsSafeHeaderText(options.user)) {
    out.push_back("--smtp-user has at most " + std::to_string(kSmtpUserBytesMax) +
                  " bytes and no control characters");
  }
}

void CheckNames(const SmtpOptions& options, std::vector<std::string>& out) {
  if (!options.sender.empty()) {
    if (const auto address = ToAsciiAddress(options.sender); !address.ok()) {
      out.push_back("--smtp-from is no usable address: " + address.status().message());
    }
  }
  if (!options.client_name.empty() && !IsHostName(options.client_name)) {
    out.emplace_back("--smtp-client-name must be a host name in ASCII");
  }
}

void CheckNumbers(const SmtpOptions& options, std::vector<std::string>& out) {
  if (options.connections < 1 || options.connections > kSmtpConnectionsMax) {
    out.push_back("--smtp-connections must be from 1 to " + std::to_string(kSmtpConnectionsMax));
  }
  if (options.letters_per_second > kSmtpRateMax) {
    out.push_back("--smtp-rate must be at most " + std::to_string(kSmtpRateMax) +
                  " letters a second; 0: no limit");
  }
  if (options.timeout < kSmtpTimeoutMin || options.timeout > kSmtpTimeoutMax) {
    out.emplace_back("--smtp-timeout must be from 1s to 10m");
  }
}

}  // namespace

Result<SmtpServer> ParseSmtpUrl(const std::string& url) {
  constexpr std::string_view kPlain = "smtp://";
  constexpr std::string_view kImplicit = "smtps://";
  SmtpServer server;
  server.implicit_tls = url.starts_with(kImplicit);
  if (!server.implicit_tls && !url.starts_with(kPlain)) {
    return BadUrl("it must begin with smtp:// (STARTTLS) or smtps:// (TLS from the first byte)");
  }
  std::string_view rest =
      std::string_view(url).substr(server.implicit_tls ? kImplicit.size() : kPlain.size());
  if (rest.find('@') != std::string_view::npos) {
    return BadUrl(
        "user and password do not belong into it: use --smtp-user and "
        "--smtp-password-file");
  }
  if (rest.find_first_of("/?#") != std::string_view::npos) {
    return BadUrl("nothing may follow the host and port");
  }
  server.port = server.implicit_tls ? kSubmissionPortImplicit : kSubmissionPort;
  const std::size_t bracket = rest.rfind(']');
  const std::size_t colon = rest.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    if (!ReadPort(rest.substr(colon + 1), server.port)) {
      return BadUrl("its port must be a number from 1 to 65535");
    }
    rest = rest.substr(0, colon);
  }
  if (!IsHostName(rest) && !IsBracketedIpv6(rest)) {
    return BadUrl("its host must be a name in ASCII, an IPv4 address, or an IPv6 address in []");
  }
  server.host = rest;
  return server;
}

std::vector<std::string> Violations(const SmtpOptions& options) {
  std::vector<std::string> out;
  if (const auto server = ParseSmtpUrl(options.url); !server.ok()) {
    out.push_back("--smtp: " + server.status().message());
  }
  CheckLogin(options, out);
  CheckNames(options, out);
  CheckNumbers(options, out);
  return out;
}

}  // namespace kulanz::adapters
