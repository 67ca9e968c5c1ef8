#include "service/adapters/smtp/smtp_connection.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <string_view>
#include <utility>

#include "service/adapters/curl/curl_handle.h"
#include "service/base/check.h"

namespace kulanz::adapters {
namespace {

constexpr Duration kConnectTime{10'000};
constexpr long kIdleSeconds = 60;  // servers close idle sessions after minutes (RFC 5321: five)

std::string UrlOf(const SmtpOptions& options) {
  const SmtpServer server = *ParseSmtpUrl(options.url);
  std::string url = server.implicit_tls ? "smtps://" : "smtp://";
  url += server.host + ":" + std::to_string(server.port);
  // The path is what libcurl says at EHLO.
  return options.client_name.empty() ? url : url + "/" + options.client_name;
}

// libcurl tells commands and replies to a debug function only; nothing of what it says is kept but where
// the session stands and the numbers of the last reply.
struct Observer {
  SmtpStep step = SmtpStep::kConnect;
  int reply = 0;
  std::string enhanced;
  bool of_relaying = false;
  bool over = false;

  void Sent(std::string_view command) {
    constexpr std::array<std::pair<std::string_view, SmtpStep>, 7> kCommands = {
        {{"EHLO", SmtpStep::kHello},
         {"HELO", SmtpStep::kHello},
         {"STARTTLS", SmtpStep::kStartTls},
         {"AUTH", SmtpStep::kLogin},
         {"MAIL", SmtpStep::kSender},
         {"RCPT", SmtpStep::kRecipient},
         {"DATA", SmtpStep::kData}}};
    if (over || step == SmtpStep::kMessage) return;
    over = command.starts_with("QUIT");  // what is said after it is nobody's concern
    if (over) return;
    for (const auto& [name, next] : kCommands) {
      if (command.starts_with(name)) step = next;
    }
    reply = 0;
    of_relaying = false;
  }
  void Received(std::string_view line) {
    constexpr int kGoAhead = 354;
    if (over || !ReadSmtpReply(line, reply, enhanced)) return;
    of_relaying = of_relaying || SpeaksOfRelaying(line);
    if (step == SmtpStep::kData && reply == kGoAhead) {
      step = SmtpStep::kMessage;
      reply = 0;
    }
  }
};

int Observe(CURL* /*handle*/, curl_infotype kind, char* bytes, std::size_t size, void* observer) {
  auto& to = *static_cast<Observer*>(observer);
  if (kind == CURLINFO_HEADER_OUT) to.Sent({bytes, size});
  if (kind == CURLINFO_HEADER_IN) to.Received({bytes, size});
  return 0;
}

std::size_t ReadMessage(char* to, std::size_t size, std::size_t count, void* rest) {
  auto& text = *static_cast<std::string_view*>(rest);
  const std::size_t bytes = std::min(size * count, text.size());
  std::memcpy(to, text.data(), bytes);
  text.remove_prefix(bytes);
  return bytes;
}

SmtpEnd EndOf(CURLcode code, const Observer& observer, std::string_view error) {
  if (code == CURLE_OK) return SmtpEnd::kAccepted;
  if (observer.reply >= 400 && observer.reply < 600) return SmtpEnd::kRefused;
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
      return SmtpEnd::kUnreachable;
    case CURLE_OPERATION_TIMEDOUT:
      return SmtpEnd::kTimeout;
    case CURLE_ABORTED_BY_CALLBACK:
      return SmtpEnd::kCutOff;
    case CURLE_LOGIN_DENIED:
      return SmtpEnd::kLoginRefused;
    case CURLE_USE_SSL_FAILED:
      return SmtpEnd::kNoTls;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_ISSUER_ERROR:
      return SmtpEnd::kCertificate;
    case CURLE_SSL_CONNECT_ERROR:
      // A handshake that the network cut has the same code as one that cannot succeed.
      return error.find("version") != std::string_view::npos ||
                     error.find("unsupported protocol") != std::string_view::npos
                 ? SmtpEnd::kTlsVersion
                 : SmtpEnd::kCut;
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_WEIRD_SERVER_REPLY:
      return SmtpEnd::kCut;
    default:
      return SmtpEnd::kFailed;
  }
}

// Addresses come from ToAsciiAddress; this is the last line of defence against forged commands.
bool IsEnvelopeAddress(std::string_view address) {
  return !address.empty() && std::all_of(address.begin(), address.end(), [](char c) {
    return c > ' ' && c < '\x7f' && c != '<' && c != '>';
  });
}

}  // namespace

struct SmtpConnection::Handle {
  CurlHandle curl;
  std::array<char, CURL_ERROR_SIZE> error{};
  Observer observer;
};

SmtpConnection::SmtpConnection(const SmtpOptions& options, const CutOff& cut_off)
    : options_(options), handle_(std::make_unique<Handle>()) {
  CurlHandle& curl = handle_->curl;
  curl.ConnectBy("smtp,smtps", options_.ca_file);
  curl.EndAt(cut_off);
  curl.Set(CURLOPT_URL, UrlOf(options_).c_str());
  curl.Set(CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
  if (!options_.user.empty()) {
    curl.Set(CURLOPT_USERNAME, options_.user.c_str());
    // Over TLS the plain mechanisms are what every server has; libcurl would try others first.
    curl.Set(CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN");
  }
  curl.Set(CURLOPT_MAXAGE_CONN, kIdleSeconds);
  curl.Set(CURLOPT_TCP_KEEPALIVE, 1L);
  curl.Set(CURLOPT_UPLOAD, 1L);
  curl.Set(CURLOPT_READFUNCTION, &ReadMessage);
  curl.Set(CURLOPT_VERBOSE, 1L);
  curl.Set(CURLOPT_DEBUGFUNCTION, &Observe);
  curl.Set(CURLOPT_DEBUGDATA, &handle_->observer);
  curl.Set(CURLOPT_ERRORBUFFER, handle_->error.data());
}

SmtpConnection::~SmtpConnection() { handle_->curl.HearNoMore(); }

SmtpAttempt SmtpConnection::Send(const SmtpLetter& letter, const std::string& password) {
  const auto begin = std::chrono::steady_clock::now();
  SmtpAttempt attempt = SendOnce(letter, password, options_.timeout);
  if (WasIdleTooLong(attempt)) {
    const auto passed =
        std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - begin);
    attempt = SendOnce(letter, password, std::max(kSmtpTimeoutMin, options_.timeout - passed));
  }
  return attempt;
}

SmtpAttempt SmtpConnection::SendOnce(const SmtpLetter& letter, const std::string& password,
                                     Duration timeout) {
  KULANZ_CHECK(IsEnvelopeAddress(letter.sender) && IsEnvelopeAddress(letter.recipient),
               "envelope addresses are checked where they are made");
  CurlHandle& curl = handle_->curl;
  handle_->observer = {};
  handle_->error = {};
  CurlList recipients;
  recipients.Append(letter.recipient);
  std::string_view rest = letter.message;
  if (!options_.user.empty()) curl.Set(CURLOPT_PASSWORD, password.c_str());
  curl.Set(CURLOPT_MAIL_FROM, letter.sender.c_str());
  curl.Set(CURLOPT_MAIL_RCPT, recipients.get());
  curl.Set(CURLOPT_READDATA, &rest);
  curl.Set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(letter.message.size()));
  curl.EndWithin(std::min(timeout, kConnectTime), timeout);
  const CURLcode code = curl.Perform();
  curl.Set(CURLOPT_MAIL_RCPT, static_cast<curl_slist*>(nullptr));

  SmtpAttempt attempt;
  const Observer& seen = handle_->observer;
  attempt.end = EndOf(code, seen, handle_->error.data());
  attempt.step = seen.step;
  attempt.reply = attempt.end == SmtpEnd::kRefused ? seen.reply : 0;
  attempt.enhanced = seen.enhanced;
  attempt.of_relaying = seen.of_relaying;
  attempt.detail = curl_easy_strerror(code);
  const bool of_tls = attempt.end == SmtpEnd::kCertificate || attempt.end == SmtpEnd::kTlsVersion;
  if (of_tls) attempt.detail = handle_->error.data();
  attempt.reused = curl.ConnectionsOpened() == 0;
  return attempt;
}

}  // namespace kulanz::adapters
