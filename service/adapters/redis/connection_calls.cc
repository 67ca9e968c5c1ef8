// What a connection does with calls: sends them, finds their answers, and lets callers go in time.
#include <hiredis/async.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "service/adapters/redis/connection.h"
#include "service/adapters/redis/failures.h"
#include "service/adapters/redis/reply_codec.h"
#include "service/adapters/redis/resp_writer.h"
#include "service/adapters/redis/scripts.h"
#include "service/base/check.h"
#include "service/base/steady_now.h"

namespace kulanz::redis {
namespace {

// A script that is gone again right after it was loaded, twice, is not a restart but a defect.
constexpr int kScriptAttemptsMax = 3;
constexpr Duration kOverloadRetryAfter{50};
// How long an overdue answer is waited for while other answers are still coming in.
constexpr Duration kArrivingGrace{20};

// The server cannot be used as it is now: to be verified anew before anything else is sent to it.
bool NeedsNewHandshake(const Status& failure) {
  return failure.reason() == "STORE_READ_ONLY" || failure.reason() == "STORE_LOADING" ||
         failure.reason() == "NO_GENESIS" || IsClusterDown(failure);
}

}  // namespace

void Call::Run() {
  if (!connection_->Start(*this)) {
    ResumeWaiter();
  }
}

bool Connection::Submit(Call& call) {
  if (Status down = Health(); !down.ok()) {
    call.Fail(std::move(down));
    return false;
  }
  if (SteadyNow() >= call.deadline) {
    call.Fail(Unreachable("the deadline had passed already; nothing was sent"));
    return false;
  }
  if (calls_.fetch_add(1, std::memory_order_relaxed) >= options_.calls_max) {
    calls_.fetch_sub(1, std::memory_order_relaxed);
    call.Fail(Status(Code::kResourceExhausted, "STORE_OVERLOADED",
                     "calls_max of " + std::to_string(options_.calls_max) +
                         " calls to Redis are under way; nothing was sent")
                  .WithRetryAfter(kOverloadRetryAfter));
    return false;
  }
  call.connection_ = this;
  if (loop_.IsCurrent()) {
    return Start(call);
  }
  loop_.Post(call);
  return true;
}

bool Connection::Start(Call& call) {
  const Deadline now = SteadyNow();
  if (phase_ == Phase::kReady && now < call.deadline) {
    SendCall(call, now);
    WakeAt(std::min(call.deadline, now + options_.reply_timeout));
    return true;
  }
  calls_.fetch_sub(1, std::memory_order_relaxed);
  call.Fail(phase_ == Phase::kReady ? Unreachable("the deadline passed before it was sent")
                                    : DownStatus());
  return false;
}

void Connection::SendCall(Call& call, Deadline now) {
  if (call.asking_) {
    SendOwn(RespCommand({"ASKING"}), {});  // holds for the next command only
  }
  has_unwaited_writes_ = has_unwaited_writes_ || call.writes;
  Append({&call, {}, now + options_.reply_timeout, 0}, call.bytes);
}

void Connection::Resume(Call& call) {
  calls_.fetch_sub(1, std::memory_order_relaxed);
  call.ResumeWaiter();
}

void Connection::Append(Slot slot, const std::string& bytes) {
  slot.scripts_loaded = scripts_loaded_;
  slots_.push_back(std::move(slot));
  ++unsent_;
  const int result = redisAsyncFormattedCommand(
      context_,
      [](redisAsyncContext* context, void* reply, void*) {
        if (reply != nullptr) {  // otherwise the connection is closing: FailLost
          static_cast<Connection*>(context->data)->OnReply(*static_cast<redisReply*>(reply));
        }
      },
      nullptr, bytes.data(), bytes.size());
  KULANZ_CHECK(result == REDIS_OK, "only an open connection is appended to");
}

void Connection::SendOwn(const std::string& bytes, Handshake::ReplyHandler on_reply) {
  if (phase_ != Phase::kReady && phase_ != Phase::kVerifying) {
    return;
  }
  const Deadline reply_by = SteadyNow() + options_.reply_timeout;
  Append({nullptr, std::move(on_reply), reply_by, 0}, bytes);
  WakeAt(reply_by);
}

void Connection::Write() {
  if (context_ == nullptr) {
    return;
  }
  if (options_.replicas_to_wait > 0 && phase_ == Phase::kReady &&
      std::exchange(has_unwaited_writes_, false)) {
    SendOwn(RespCommand({"WAIT", std::to_string(options_.replicas_to_wait),
                         std::to_string(options_.wait_timeout.count())}),
            [this](const redisReply& reply) { OnReplicas(reply); });
  }
  unsent_ = 0;
  redisAsyncHandleWrite(context_);
}

void Connection::OnReply(const redisReply& reply) {
  if (context_ == nullptr || slots_.empty()) {
    return;  // closing
  }
  const Slot slot = std::move(slots_.front());
  slots_.pop_front();
  if (slot.call != nullptr) {
    OnCallReply(*slot.call, slot.scripts_loaded, reply);
  } else if (slot.on_reply) {
    slot.on_reply(reply);
  }
}

void Connection::OnCallReply(Call& call, std::uint64_t scripts_loaded, const redisReply& reply) {
  if (IsError(reply) && IsNoScript(TextOf(reply))) {
    return SendAgainWithScripts(call, scripts_loaded);
  }
  if (IsError(reply) && Redirect(call, TextOf(reply))) {
    return;
  }
  const Status failure = call.OnReply(reply);
  if (NeedsNewHandshake(failure)) {
    Retire(failure);
  }
  if (failure.ok() && call.writes && options_.replicas_to_wait > 0) {
    written_.push_back(&call);
  } else {
    Resume(call);
  }
}

void Connection::SendAgainWithScripts(Call& call, std::uint64_t scripts_loaded) {
  const bool gives_up = ++call.attempts_ >= kScriptAttemptsMax;
  if (gives_up || phase_ != Phase::kReady || SteadyNow() >= call.deadline) {
    call.Fail(gives_up ? Status(Code::kInternal, "STORE_BROKEN", "Redis keeps losing its scripts")
                       : Unreachable("Redis had lost its scripts; nothing was applied"));
    return Resume(call);
  }
  // The first of a batch that finds them gone loads them; the others only follow.
  if (scripts_loaded == scripts_loaded_) {
    for (const Script* script : {&kTransactionScript, &kIndexScript}) {
      SendOwn(RespCommand({"SCRIPT", "LOAD", script->text}), {});
    }
    ++scripts_loaded_;
  }
  SendCall(call, SteadyNow());
}

void Connection::OnReplicas(const redisReply& reply) {
  const bool enough =
      reply.type == REDIS_REPLY_INTEGER && reply.integer >= std::int64_t{options_.replicas_to_wait};
  const bool accepts = options_.on_replica_shortfall == OnReplicaShortfall::kAccept;
  if (replicas_are_short_ == enough) {
    replicas_are_short_ = !enough;
    state_.log().Warning(enough ? "store_replicas_back" : "store_replicas_short",
                         enough    ? "enough replicas confirm commits again"
                         : accepts ? "too few replicas confirm commits; answered nevertheless"
                                   : "too few replicas confirm commits; answered as uncertain",
                         {{"confirmed", std::to_string(reply.integer)},
                          {"replicas_to_wait", std::to_string(options_.replicas_to_wait)}});
  }
  for (Call* call : std::exchange(written_, {})) {
    if (enough || accepts) {
      call->Confirm();
    } else {
      call->Fail(Uncertain("only " + std::to_string(reply.integer) + " of " +
                           std::to_string(options_.replicas_to_wait) +
                           " replicas confirmed it in time"));
    }
    Resume(*call);
  }
}

void Connection::FailLost() {
  std::vector<std::pair<Call*, bool>> lost;  // and whether it was sent
  for (Call* call : std::exchange(written_, {})) {
    lost.emplace_back(call, true);
  }
  const std::size_t sent = slots_.size() - std::exchange(unsent_, 0);
  for (std::size_t index = 0; index < slots_.size(); ++index) {
    if (slots_[index].call != nullptr) {
      lost.emplace_back(slots_[index].call, index < sent);
    }
  }
  slots_.clear();
  has_unwaited_writes_ = false;
  for (const auto& [call, was_sent] : lost) {
    call->Fail(was_sent ? Uncertain("the connection to Redis was lost before the answer")
                        : DownStatus());
    Resume(*call);
  }
}

void Connection::WakeAt(Deadline at) {
  if (timer_ && timer_->due <= at) {
    return;
  }
  if (timer_) {
    loop_.Cancel(*timer_);
  }
  timer_ = loop_.RunAt(at, [this] {
    timer_.reset();
    OnTimer();
  });
}

void Connection::OnTimer() {
  const Deadline now = SteadyNow();
  if (phase_ == Phase::kConnecting) {
    if (now < connect_by_) {
      return WakeAt(connect_by_);  // this wake-up was for the connection before
    }
    return Abort(Unreachable("no connection to " + target_->ToString() + " in time"));
  }
  if (!slots_.empty() && slots_.front().reply_by <= now) {
    // After a pause of this process itself the answers may be here, only unread.
    if (!AnswersAreArriving()) {
      return Abort(Unreachable("Redis does not answer"));
    }
    WakeAt(now + kArrivingGrace);
  }
  ExpireCalls(now);
}

void Connection::ExpireCalls(Deadline now) {
  std::vector<Call*> expired;
  std::optional<Deadline> next;
  const auto look_at = [&](Call& call) {
    if (call.deadline <= now) {
      expired.push_back(&call);
      return true;
    }
    next = std::min(next.value_or(call.deadline), call.deadline);
    return false;
  };
  for (Slot& slot : slots_) {
    if (slot.call != nullptr && look_at(*slot.call)) {
      slot.call = nullptr;  // its answer will come, and nobody will look at it
    }
  }
  std::erase_if(written_, [&](Call* call) { return look_at(*call); });
  if (next) {
    WakeAt(*next);
  }
  if (!slots_.empty() && slots_.front().reply_by > now) {
    WakeAt(slots_.front().reply_by);
  }
  for (Call* call : expired) {
    call->Fail(Uncertain("Redis did not answer before the deadline"));
    Resume(*call);
  }
}

bool Connection::AnswersAreArriving() const {
  int bytes = 0;
  return context_ != nullptr && ioctl(context_->c.fd, FIONREAD, &bytes) == 0 && bytes > 0;
}

}  // namespace kulanz::redis
