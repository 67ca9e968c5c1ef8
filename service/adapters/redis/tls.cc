#include "service/adapters/redis/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <utility>

#include "service/base/check.h"

namespace kulanz::redis {
namespace {

struct ContextDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using Context = std::unique_ptr<SSL_CTX, ContextDeleter>;

// The last thing that OpenSSL complained of on this thread; empty: nothing.
std::string LastError() {
  const unsigned long error = ERR_peek_last_error();
  const char* const reason = error == 0 ? nullptr : ERR_reason_error_string(error);
  return reason == nullptr ? std::string() : std::string(reason);
}

Status UnusableTls(const std::string& what, const std::string& file) {
  return Status(Code::kUnavailable, "STORE_REFUSED",
                "the " + what + " " + file + " cannot be used: " + LastError());
}

bool IsIpAddress(const std::string& host) {
  in6_addr ignored{};
  return inet_pton(AF_INET, host.c_str(), &ignored) == 1 ||
         inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

Status LoadFiles(SSL_CTX& context, const TlsOptions& options) {
  if (options.ca_file.empty()) {
    if (SSL_CTX_set_default_verify_paths(&context) != 1) {
      return UnusableTls("authorities that the system trusts", "");
    }
  } else if (SSL_CTX_load_verify_file(&context, options.ca_file.c_str()) != 1) {
    return UnusableTls("file of authorities", options.ca_file);
  }
  if (options.certificate_file.empty()) {
    return Status::Ok();
  }
  if (SSL_CTX_use_certificate_chain_file(&context, options.certificate_file.c_str()) != 1) {
    return UnusableTls("client certificate", options.certificate_file);
  }
  if (SSL_CTX_use_PrivateKey_file(&context, options.key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(&context) != 1) {
    return UnusableTls("key of the client certificate", options.key_file);
  }
  return Status::Ok();
}

}  // namespace

void TlsSessionDeleter::operator()(ssl_st* session) const { SSL_free(session); }

Result<TlsSession> MakeTlsSession(const RedisAddress& server) {
  ERR_clear_error();
  const Context context(SSL_CTX_new(TLS_client_method()));
  KULANZ_CHECK(context != nullptr, "out of memory");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  KULANZ_RETURN_IF_ERROR(LoadFiles(*context, server.tls_options));
  TlsSession session(SSL_new(context.get()));  // keeps the context alive
  KULANZ_CHECK(session != nullptr, "out of memory");
  std::string name =
      server.tls_options.verify_name.empty() ? server.host : server.tls_options.verify_name;
  const bool is_set = IsIpAddress(name) ? X509_VERIFY_PARAM_set1_ip_asc(
                                              SSL_get0_param(session.get()), name.c_str()) == 1
                                        : SSL_set1_host(session.get(), name.c_str()) == 1 &&
                                              SSL_ctrl(session.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME,
                                                       TLSEXT_NAMETYPE_host_name, name.data()) == 1;
  if (!is_set) {
    return UnusableTls("name to verify", name);
  }
  return session;
}

std::string TlsFailure(const ssl_st& session) {
  if (const long verified = SSL_get_verify_result(&session); verified != X509_V_OK) {
    return std::string("the server's certificate is not accepted: ") +
           X509_verify_cert_error_string(verified);
  }
  const std::string reason = LastError();
  return reason.empty() ? reason : "TLS failed: " + reason;
}

}  // namespace kulanz::redis
