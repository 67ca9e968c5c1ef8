#include "service/adapters/redis/event_loop.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <array>
#include <future>
#include <thread>

namespace kulanz::redis {
namespace {

using ::testing::ElementsAre;

// Runs a function on the loop and waits for its end.
void OnLoop(EventLoop& loop, std::function<void()> function) {
  std::promise<void> done;
  loop.Post([&] {
    function();
    done.set_value();
  });
  done.get_future().wait();
}

class FunctionWork final : public EventLoop::Work {
 public:
  explicit FunctionWork(std::function<void()> function) : function_(std::move(function)) {}
  void Run() override { function_(); }

 private:
  std::function<void()> function_;
};

TEST(EventLoopTest, PostedWorkRunsOnTheLoopInOrder) {
  std::vector<int> order;
  bool on_loop = false;
  EventLoop loop("test");
  for (int number = 0; number < 100; ++number) {
    loop.Post([&order, number] { order.push_back(number); });
  }
  OnLoop(loop, [&] { on_loop = loop.IsCurrent(); });
  EXPECT_TRUE(on_loop);
  EXPECT_FALSE(loop.IsCurrent());
  ASSERT_EQ(order.size(), 100U);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST(EventLoopTest, WorkFromManyThreadsIsAllRun) {
  constexpr int kThreads = 8;
  constexpr int kPosts = 2000;
  int count = 0;  // on the loop only
  EventLoop loop("test");
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&] {
      for (int post = 0; post < kPosts; ++post) {
        loop.Post([&] { ++count; });
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  loop.Stop();
  EXPECT_EQ(count, kThreads * kPosts) << "what is posted before Stop must run";
}

TEST(EventLoopTest, WorkThatPostsWorkGoesOnWithoutBeingWoken) {
  EventLoop loop("test");
  std::promise<void> done;
  int left = 100;
  std::function<void()> again = [&] {
    if (--left == 0) {
      done.set_value();
    } else {
      loop.Post(again);
    }
  };
  loop.Post(again);
  done.get_future().wait();
  EXPECT_EQ(left, 0);
}

TEST(EventLoopTest, TimersRunInTheOrderOfTheirTimesAndNotBeforeThem) {
  EventLoop loop("test");
  std::promise<void> done;
  std::vector<int> order;
  const auto start = std::chrono::steady_clock::now();
  // In one turn and from one instant, however long this thread is kept waiting.
  OnLoop(loop, [&] {
    loop.RunAt(start + Duration(20), [&] {
      order.push_back(20);
      done.set_value();
    });
    loop.RunAt(start + Duration(10), [&] { order.push_back(10); });
    loop.RunAt(start, [&] { order.push_back(0); });
  });
  done.get_future().wait();
  EXPECT_THAT(order, ElementsAre(0, 10, 20));
  EXPECT_GE(std::chrono::steady_clock::now() - start, Duration(20));
}

TEST(EventLoopTest, ACancelledTimerDoesNotRun) {
  EventLoop loop("test");
  std::promise<void> done;
  bool ran = false;
  OnLoop(loop, [&] {
    const EventLoop::TimerId timer = loop.RunAfter(Duration(5), [&] { ran = true; });
    EXPECT_TRUE(loop.Cancel(timer));
    EXPECT_FALSE(loop.Cancel(timer));
    loop.RunAfter(Duration(10), [&] { done.set_value(); });
  });
  done.get_future().wait();
  EXPECT_FALSE(ran);
}

TEST(EventLoopTest, TurnEndWorkRunsOnceAfterEverythingElseOfTheTurn) {
  EventLoop loop("test");
  std::vector<std::string> order;
  std::promise<void> done;
  FunctionWork flush([&] {
    order.emplace_back("flush");
    done.set_value();
  });
  OnLoop(loop, [&] {
    // Both are posted from within the turn, so they run in one turn of their own.
    loop.Post([&] {
      loop.AtTurnEnd(flush);
      order.emplace_back("first");
    });
    loop.Post([&] { order.emplace_back("second"); });
  });
  done.get_future().wait();
  OnLoop(loop, [] {});
  EXPECT_THAT(order, ElementsAre("first", "second", "flush"));
}

class PipeWatcher final : public EventLoop::Watcher {
 public:
  explicit PipeWatcher(std::function<void()> on_ready) : on_ready_(std::move(on_ready)) {
    EXPECT_EQ(pipe(fds_.data()), 0);
  }
  ~PipeWatcher() {
    close(fds_[0]);
    close(fds_[1]);
  }
  void OnReady(std::uint32_t) override { on_ready_(); }
  int reader() const { return fds_[0]; }
  void Fill() const { EXPECT_EQ(write(fds_[1], "x", 1), 1); }
  void Drain() const {
    char byte = 0;
    EXPECT_EQ(read(fds_[0], &byte, 1), 1);
  }

 private:
  std::array<int, 2> fds_{};
  std::function<void()> on_ready_;
};

TEST(EventLoopTest, AWatcherHearsOfItsFileDescriptorUntilItIsUnwatched) {
  EventLoop loop("test");
  std::promise<void> done;
  int calls = 0;
  PipeWatcher watcher([&] {
    watcher.Drain();
    if (++calls == 2) {
      loop.Unwatch(watcher.reader(), watcher);
      done.set_value();
    } else {
      watcher.Fill();
    }
  });
  OnLoop(loop, [&] { loop.Watch(watcher.reader(), EPOLLIN, watcher); });
  watcher.Fill();
  done.get_future().wait();
  watcher.Fill();
  OnLoop(loop, [] {});
  EXPECT_EQ(calls, 2);
}

TEST(EventLoopTest, AnEventOfTheSameTurnIsNotDeliveredAfterUnwatch) {
  EventLoop loop("test");
  int calls = 0;
  PipeWatcher* other = nullptr;
  // Whichever comes first unwatches the other.
  PipeWatcher a([&] {
    ++calls;
    loop.Unwatch(a.reader(), a);
    loop.Unwatch(other->reader(), *other);
  });
  PipeWatcher b([&] {
    ++calls;
    loop.Unwatch(a.reader(), a);
    loop.Unwatch(b.reader(), b);
  });
  other = &b;
  a.Fill();
  b.Fill();
  OnLoop(loop, [&] {
    loop.Watch(a.reader(), EPOLLIN, a);
    loop.Watch(b.reader(), EPOLLIN, b);
  });
  OnLoop(loop, [] {});
  OnLoop(loop, [] {});
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace kulanz::redis
