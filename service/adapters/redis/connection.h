// Connection: one connection to Redis with its own loop; reconnects by itself.
//
// Everything that was submitted since the loop last woke up is written at once, in order, and Redis
// answers in that order: the answers find their calls by position. A caller whose deadline passes stops
// waiting, but its place in the order stays, so a late answer never reaches another call. When the
// oldest answer is overdue by the configured time, the connection is given up as a whole.
//
// While it is not connected and verified (handshake.h), every call fails at once with the reason and
// with the time of the next attempt. A reply that says that this server cannot be used any more
// (READONLY, LOADING, a lost genesis record) makes the connection let the outstanding answers come in,
// close, and verify the server anew.
//
// Which server that is, the router says (SetTarget), and may change: then the connection to the server
// before is closed at once, and what was under way on it is uncertain, so nothing is acknowledged that a
// demoted master has said. In a cluster, a call that a node does not serve is repeated where that node
// points to (connection_redirects.cc).
//
// Files with a password are read again every clock_interval; a new password is presented on the open
// connection.
//
// Thread-safety: Submit, SetTarget and Health from any thread; Stop and the destructor from any but the
// loop's.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <vector>

#include "service/adapters/redis/call.h"
#include "service/adapters/redis/credentials.h"
#include "service/adapters/redis/event_loop.h"
#include "service/adapters/redis/handshake.h"
#include "service/adapters/redis/store_state.h"

struct redisAsyncContext;
struct redisReply;
struct ssl_st;

namespace kulanz::redis {

class Router;

class Connection {
 public:
  // Without a target, all calls fail. Both are borrowed.
  Connection(StoreState& state, Router& router, std::uint32_t number);
  ~Connection();  // after Stop
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // True: the call is under way, and its waiter will be resumed on the loop. False: it has failed
  // already (Call::Fail was called), and its waiter is to go on.
  bool Submit(Call& call);
  Status Health() const;
  bool IsReady() const { return ready_.load(std::memory_order_acquire); }
  // Connects to `target`, or to nothing, from now on. `why`: what Health says until it is connected.
  void SetTarget(std::optional<RedisAddress> target, Status why);
  // Ends every call under way as lost, and waits for that. Later ones fail. Idempotent.
  void Stop();

 private:
  friend class Call;
  enum class Phase : std::uint8_t { kIdle, kConnecting, kVerifying, kReady, kRetiring, kStopped };
  // One expected answer.
  struct Slot {
    Call* call = nullptr;  // nothing: for ourselves, or nobody waits any more
    Handshake::ReplyHandler on_reply;
    Deadline reply_by;
    std::uint64_t scripts_loaded = 0;  // how often, when it was sent
  };
  class Hooks;  // between hiredis and the loop

  // All below on the loop.
  bool Start(Call& call);
  void SendCall(Call& call, Deadline now);
  void Resume(Call& call);

  void Connect();
  Status SetUpSession();
  void ConnectAt(Deadline at);
  void OnConnected();
  void OnVerified(Result<VerifiedServer> result);
  // Lets the outstanding answers come in, takes no more calls, and connects anew.
  void Retire(const Status& why);
  // Closes at once. Outstanding calls end as uncertain, unsent ones with `why`.
  void Abort(const Status& why);
  void OnClosed(const Status& why);
  void FailLost();
  void SetDown(const Status& why);
  Status DownStatus() const;  // from any thread

  void Append(Slot slot, const std::string& bytes);
  void SendOwn(const std::string& bytes, Handshake::ReplyHandler on_reply);
  void Write();  // everything appended
  void OnReply(const redisReply& reply);
  void OnCallReply(Call& call, std::uint64_t scripts_loaded, const redisReply& reply);
  void SendAgainWithScripts(Call& call, std::uint64_t scripts_loaded);
  void OnReplicas(const redisReply& reply);

  // Follows a MOVED, ASK or TRYAGAIN; false: it is another error, or has been followed long enough.
  bool Redirect(Call& call, std::string_view error);
  void HandOver(Call& call, Connection& next);
  bool Park(Call& call);
  void Unpark(Call& call);

  void OnClock();
  void PresentNewPassword();
  void WakeAt(Deadline at);
  void OnTimer();
  void ExpireCalls(Deadline now);
  bool AnswersAreArriving() const;

  StoreState& state_;
  const RedisOptions& options_;
  Router& router_;

  std::atomic<bool> ready_{false};
  std::atomic<std::uint32_t> calls_{0};
  mutable std::mutex down_mutex_;
  Status down_why_;        // under down_mutex_
  Deadline next_attempt_;  // under down_mutex_

  // On the loop only.
  Phase phase_ = Phase::kIdle;
  std::optional<RedisAddress> target_;
  bool is_closing_ = false;        // hiredis may not be done with the connection before
  bool connects_at_once_ = false;  // without a pause, because the target is new
  Credentials credentials_;        // as presented last
  redisAsyncContext* context_ = nullptr;
  const ssl_st* tls_ = nullptr;  // of context_, where it has TLS
  std::unique_ptr<Hooks> hooks_;
  std::unique_ptr<Handshake> handshake_;
  std::vector<std::uint64_t> floors_;  // of the sequences, from before the handshake
  std::deque<Slot> slots_;             // in the order of the answers
  std::size_t unsent_ = 0;             // of slots_, at its end
  bool has_unwaited_writes_ = false;   // sent since the last WAIT
  std::vector<Call*> written_;         // answered, waiting for the replicas
  std::vector<Call*> parked_;          // refused by a node of a cluster, to be tried again
  bool replicas_are_short_ = false;
  std::uint64_t scripts_loaded_ = 0;
  int failed_attempts_ = 0;
  Deadline connect_by_;
  std::optional<EventLoop::TimerId> timer_;
  std::optional<EventLoop::TimerId> clock_timer_;
  std::optional<EventLoop::TimerId> connect_timer_;
  std::minstd_rand jitter_;

  EventLoop loop_;  // last: it uses everything above
};

}  // namespace kulanz::redis
