#include "service/adapters/redis/blocking_client.h"

#include <hiredis/hiredis.h>
#include <hiredis/hiredis_ssl.h>

#include "service/adapters/redis/credentials.h"
#include "service/adapters/redis/failures.h"
#include "service/adapters/redis/reply_codec.h"
#include "service/adapters/redis/resp_writer.h"
#include "service/adapters/redis/tls.h"
#include "service/base/check.h"
#include "service/base/sigpipe_guard.h"

namespace kulanz::redis {
namespace {

Reply Copy(const redisReply& reply) {
  Reply copy;
  copy.is_nil = IsNil(reply);
  copy.text = TextOf(reply);
  if (reply.type == REDIS_REPLY_INTEGER) {
    copy.integer = reply.integer;
  } else if (reply.type == REDIS_REPLY_ARRAY) {
    for (std::size_t index = 0; index < reply.elements; ++index) {
      copy.elements.push_back(Copy(*reply.element[index]));
    }
  }
  return copy;
}

}  // namespace

void BlockingClient::Closer::operator()(redisContext* context) const { redisFree(context); }

BlockingClient::BlockingClient(redisContext* context) : context_(context) {}
BlockingClient::BlockingClient(BlockingClient&&) noexcept = default;
BlockingClient& BlockingClient::operator=(BlockingClient&&) noexcept = default;
BlockingClient::~BlockingClient() = default;

Result<BlockingClient> BlockingClient::Connect(const RedisAddress& address, Duration timeout) {
  redisOptions options{};
  if (address.unix_path.empty()) {
    REDIS_OPTIONS_SET_TCP(&options, address.host.c_str(), address.port);
  } else {
    REDIS_OPTIONS_SET_UNIX(&options, address.unix_path.c_str());
  }
  timeval limit{};
  limit.tv_sec = timeout.count() / 1000;
  limit.tv_usec = timeout.count() % 1000 * 1000;
  options.connect_timeout = &limit;
  options.command_timeout = &limit;
  const SigpipeGuard no_sigpipe;
  BlockingClient client(redisConnectWithOptions(&options));
  KULANZ_CHECK(client.context_ != nullptr, "out of memory");
  if (client.context_->err != 0) {
    return Unreachable("cannot connect to " + address.ToString() + ": " + client.context_->errstr);
  }
  if (address.tls) {
    KULANZ_ASSIGN_OR_RETURN(TlsSession session, MakeTlsSession(address));
    if (redisInitiateSSL(client.context_.get(), session.get()) != REDIS_OK) {
      const std::string failure = TlsFailure(*session);
      return Unreachable("cannot connect to " + address.ToString() + ": " +
                         (failure.empty() ? std::string(client.context_->errstr) : failure));
    }
    session.release();  // NOLINT(bugprone-unused-return-value): hiredis has it now
  }
  KULANZ_RETURN_IF_ERROR(client.Login(address));
  return client;
}

Status BlockingClient::Login(const RedisAddress& address) {
  KULANZ_ASSIGN_OR_RETURN(const Credentials credentials, ReadCredentials(address));
  if (const std::optional<std::string> auth = credentials.AuthCommand();
      auth && !Send(*auth).ok()) {
    // Not the server's own words: they may repeat what was sent.
    return Status(Code::kUnavailable, "STORE_REFUSED", "Redis does not accept user and password");
  }
  if (address.database != 0) {
    return Run({"SELECT", std::to_string(address.database)}).status();
  }
  return Status::Ok();
}

Result<Reply> BlockingClient::Run(std::initializer_list<std::string_view> args) {
  return Run(std::vector<std::string>(args.begin(), args.end()));
}

Result<Reply> BlockingClient::Run(std::span<const std::string> args) {
  RespWriter writer(args.size());
  for (const std::string& arg : args) {
    writer.Arg(arg);
  }
  return Send(std::move(writer).Take());
}

Result<Reply> BlockingClient::Send(const std::string& command) {
  if (!context_) {
    return Unreachable("the connection is closed");
  }
  const SigpipeGuard no_sigpipe;
  void* raw = nullptr;
  if (redisAppendFormattedCommand(context_.get(), command.data(), command.size()) != REDIS_OK ||
      redisGetReply(context_.get(), &raw) != REDIS_OK) {
    const std::string why = context_->errstr;
    context_.reset();  // a late answer must not be taken for that to another command
    return Unreachable("Redis did not answer: " + why);
  }
  const std::unique_ptr<redisReply, void (*)(void*)> reply(static_cast<redisReply*>(raw),
                                                           freeReplyObject);
  if (IsError(*reply)) {
    return ErrorStatus(TextOf(*reply));
  }
  return Copy(*reply);
}

}  // namespace kulanz::redis
