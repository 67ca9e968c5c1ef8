#include "service/adapters/smtp/smtp_connection.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <mutex>
#include <string_view>
#include <utility>

#include "service/base/check.h"

namespace kulanz::adapters {
namespace {

constexpr Duration kConnectTime{10'000};
constexpr long kIdleSeconds = 60;  // servers close idle sessions after minutes (RFC 5321: five)

struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

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

void InitialiseCurl() {
  static std::once_flag once;
  std::call_once(once, [] {
    KULANZ_CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK, "libcurl can be used");
  });
}

template <typename Value>
void Set(CURL* handle, CURLoption option, Value value) {
  // It fails for want of memory, or for an option that this libcurl was built without: TLS checks, say.
  KULANZ_CHECK(curl_easy_setopt(handle, option, value) == CURLE_OK, "libcurl takes its options");
}

}  // namespace

struct SmtpConnection::Handle {
  CURL* curl = curl_easy_init();
  std::array<char, CURL_ERROR_SIZE> error{};
  Observer observer;

  Handle() { KULANZ_CHECK(curl != nullptr, "out of memory"); }
  ~Handle() { curl_easy_cleanup(curl); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
};

SmtpConnection::SmtpConnection(const SmtpOptions& options) : options_(options) {
  InitialiseCurl();
  handle_ = std::make_unique<Handle>();
  CURL* const curl = handle_->curl;
  Set(curl, CURLOPT_URL, UrlOf(options_).c_str());
  Set(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  Set(curl, CURLOPT_PROXY, "");  // whatever the environment says
  Set(curl, CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
  Set(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  Set(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  Set(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!options_.ca_file.empty()) {
    Set(curl, CURLOPT_CAINFO, options_.ca_file.c_str());
    Set(curl, CURLOPT_CAPATH, static_cast<char*>(nullptr));  // that file, and nobody else
  }
  if (!options_.user.empty()) {
    Set(curl, CURLOPT_USERNAME, options_.user.c_str());
    // Over TLS the plain mechanisms are what every server has; libcurl would try others first.
    Set(curl, CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN");
  }
  Set(curl, CURLOPT_MAXCONNECTS, 1L);
  Set(curl, CURLOPT_MAXAGE_CONN, kIdleSeconds);
  Set(curl, CURLOPT_TCP_KEEPALIVE, 1L);
  Set(curl, CURLOPT_NOSIGNAL, 1L);
  Set(curl, CURLOPT_UPLOAD, 1L);
  Set(curl, CURLOPT_READFUNCTION, &ReadMessage);
  Set(curl, CURLOPT_VERBOSE, 1L);
  Set(curl, CURLOPT_DEBUGFUNCTION, &Observe);
  Set(curl, CURLOPT_DEBUGDATA, &handle_->observer);
  Set(curl, CURLOPT_ERRORBUFFER, handle_->error.data());
}

SmtpConnection::~SmtpConnection() = default;

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
  CURL* const curl = handle_->curl;
  handle_->observer = {};
  handle_->error = {};
  const std::unique_ptr<curl_slist, ListDeleter> recipients(
      curl_slist_append(nullptr, letter.recipient.c_str()));
  KULANZ_CHECK(recipients != nullptr, "out of memory");
  std::string_view rest = letter.message;
  if (!options_.user.empty()) Set(curl, CURLOPT_PASSWORD, password.c_str());
  Set(curl, CURLOPT_MAIL_FROM, letter.sender.c_str());
  Set(curl, CURLOPT_MAIL_RCPT, recipients.get());
  Set(curl, CURLOPT_READDATA, &rest);
  Set(curl, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(letter.message.size()));
  Set(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::min(timeout, kConnectTime).count()));
  Set(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  const CURLcode code = curl_easy_perform(curl);
  Set(curl, CURLOPT_MAIL_RCPT, static_cast<curl_slist*>(nullptr));

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
  long opened = 0;
  attempt.reused =
      curl_easy_getinfo(curl, CURLINFO_NUM_CONNECTS, &opened) == CURLE_OK && opened == 0;
  return attempt;
}

}  // namespace kulanz::adapters
