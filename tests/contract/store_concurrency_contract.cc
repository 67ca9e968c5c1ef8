// Many callers at once: what compare-and-set, counters and fences must hold.

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "tests/contract/store_contract.h"
#include "tests/support/status_matchers.h"

namespace kulanz::contract {
namespace {

using ports::AddToCounter;
using ports::CheckVersion;
using ports::CommitOutcome;
using ports::Committed;
using ports::Conflict;
using ports::FenceCounter;
using ports::Key;
using ports::Put;
using ports::Record;
using ports::RecordKind;
using ports::Transaction;

constexpr int kLoops = 64;
constexpr int kThreads = 4;

class StoreConcurrency : public StoreContract {
 protected:
  // Starts kLoops coroutines from kThreads threads and waits for all of them.
  void RunLoops(const std::function<Task<void>(int)>& loop) {
    std::vector<std::thread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        for (int number = thread; number < kLoops; number += kThreads) {
          pending_.fetch_add(1);
          SpawnThen(loop(number), [this] {
            const std::lock_guard lock(mutex_);
            pending_.fetch_sub(1);
            ended_.notify_all();
          });
        }
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [this] { return pending_.load() == 0; });
  }

  Task<void> Increment(Key key, int times) {
    for (int done = 0; done < times;) {
      std::vector<Key> keys(1, key);
      Result<std::vector<Record>> read = co_await store().Read(std::move(keys), Soon());
      if (!read.ok()) {
        failures_.fetch_add(1);
        co_return;
      }
      Record current = read->front();
      // A conflict brings the fresh record, so that no further read is needed.
      for (bool applied = false; !applied;) {
        const int count = current.exists() ? std::stoi(current.value) : 0;
        Transaction transaction;
        transaction.partition = key.partition;
        transaction.checks.emplace_back(CheckVersion{key, current.version});
        transaction.writes.emplace_back(Put{key, std::to_string(count + 1), {}});
        Result<CommitOutcome> outcome = co_await store().Commit(std::move(transaction), Soon());
        if (!outcome.ok()) {
          failures_.fetch_add(1);
          co_return;
        }
        if (auto* conflict = std::get_if<Conflict>(&*outcome)) {
          current = conflict->records.front();
        } else {
          applied = true;
        }
      }
      ++done;
    }
  }

  Task<void> AddUntilFenced(Key counter) {
    for (;;) {
      Transaction transaction;
      transaction.partition = counter.partition;
      transaction.writes.emplace_back(AddToCounter{counter, 1, {}});
      Result<CommitOutcome> outcome = co_await store().Commit(std::move(transaction), Soon());
      if (!outcome.ok()) {
        failures_.fetch_add(1);
        co_return;
      }
      if (const auto* committed = std::get_if<Committed>(&*outcome)) {
        acknowledged_.fetch_add(1);
        const std::lock_guard lock(sequences_mutex_);
        sequences_.push_back(committed->sequence);
      } else {
        co_return;
      }
    }
  }

  std::atomic<int> failures_{0};
  std::atomic<std::int64_t> acknowledged_{0};
  std::mutex sequences_mutex_;
  std::vector<std::uint64_t> sequences_;

 private:
  std::mutex mutex_;
  std::condition_variable ended_;
  std::atomic<int> pending_{0};
};

TEST_F(StoreConcurrency, CompareAndSetLoopsLoseNoUpdate) {
  constexpr int kTimes = 10;
  const Key key = KeyOf(RecordKind::kHistory, "hot");
  RunLoops([&](int) { return Increment(key, kTimes); });
  EXPECT_EQ(failures_.load(), 0);
  EXPECT_EQ(MustRead(key).value, std::to_string(kLoops * kTimes));
}

TEST_F(StoreConcurrency, AFenceSeesEveryAcknowledgedAddition) {
  const Key counter = KeyOf(RecordKind::kLeaseCounter, "lease");
  std::int64_t fenced_at = -1;
  std::thread fencer([&] {
    while (acknowledged_.load() < 200 && failures_.load() == 0) {
      std::this_thread::yield();
    }
    const Committed done = MustCommit({}, {FenceCounter{counter, {}}});
    fenced_at = done.counters.empty() ? -1 : done.counters.front();
  });
  RunLoops([&](int) { return AddUntilFenced(counter); });
  fencer.join();
  EXPECT_EQ(failures_.load(), 0);
  EXPECT_EQ(fenced_at, acknowledged_.load()) << "the fence's reading must be final";
  EXPECT_EQ(MustReadCounter(counter), fenced_at);
  std::sort(sequences_.begin(), sequences_.end());
  EXPECT_EQ(std::adjacent_find(sequences_.begin(), sequences_.end()), sequences_.end())
      << "two transactions must not have the same sequence number";
}

}  // namespace
}  // namespace kulanz::contract
