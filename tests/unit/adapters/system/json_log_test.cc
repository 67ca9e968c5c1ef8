#include "service/adapters/system/json_log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "service/base/log_context.h"
#include "tests/support/eventually.h"

namespace kulanz::adapters {
namespace {

using ports::LogLevel;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class JsonLogTest : public ::testing::Test {
 protected:
  JsonLogTest() { EXPECT_EQ(pipe(pipe_.data()), 0); }
  ~JsonLogTest() override {
    close(pipe_[0]);
    close(pipe_[1]);
  }
  JsonLog::Options Options() {
    JsonLog::Options options;
    options.descriptor = pipe_[1];
    options.level_min = LogLevel::kDebug;
    options.now = [this] { return now_; };
    return options;
  }
  // Everything written so far, line by line (a test writes far less than a pipe holds).
  std::vector<std::string> Lines() {
    std::string text(65536, '\0');
    text.resize(static_cast<std::size_t>(read(pipe_[0], text.data(), text.size())));
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      lines.push_back(text.substr(at, end - at));
      at = end + 1;
    }
    return lines;
  }

  std::array<int, 2> pipe_{};
  Instant now_ = InstantFromMillis(1'772'366'400'123);
};

TEST_F(JsonLogTest, ALineIsOneObjectWithItsFieldsInOrder) {
  JsonLog log(Options());
  log.Warning("store_unreachable", "Redis does not answer", {{"address", "unix:redis.sock"}});
  EXPECT_THAT(Lines(),
              ElementsAre(R"({"ts":"2026-03-01T12:00:00.123Z","level":"warning",)"
                          R"("event":"store_unreachable","message":"Redis does not answer",)"
                          R"("address":"unix:redis.sock"})"));
}

TEST_F(JsonLogTest, NoInputBreaksOrForgesALine) {
  JsonLog log(Options());
  log.Info("e", "m",
           {{"x",
             "a\"b\\c\nd\te\x01\x7F"
             "f\xFFg\xE2\x80\xA8h\xED\xA0\x80 ü 🎁"}});
  EXPECT_THAT(Lines(), ElementsAre(HasSubstr(
                           R"("x":"a\"b\\c\nd\te\u0001\u007ff)"
                           "\xEF\xBF\xBDg\\u2028h\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD ü 🎁\"}")));
}

TEST_F(JsonLogTest, ALineOfARequestSaysWhichAndWhatTraceItBelongsTo) {
  JsonLog log(Options());
  {
    const LogScope request(std::make_shared<const LogContext>(LogContext{"r-1", "4bf9"}));
    log.Info("inside", "m", {{"request_id", "forged"}});
    const LogScope without_trace(std::make_shared<const LogContext>(LogContext{"r-2", ""}));
    log.Info("inside", "m");
  }
  log.Info("outside", "m");
  EXPECT_THAT(
      Lines(),
      ElementsAre(HasSubstr(R"("request_id_":"forged","request_id":"r-1","trace_id":"4bf9"})"),
                  ::testing::EndsWith(R"("message":"m","request_id":"r-2"})"),
                  ::testing::EndsWith(R"("event":"outside","message":"m"})")));
}

TEST_F(JsonLogTest, AnEventMayHaveALimitOfItsOwn) {
  JsonLog::Options options = Options();
  options.events_per_second = 1;
  options.events_per_second_of["call"] = 3;
  JsonLog log(options);
  for (int i = 0; i < 5; ++i) {
    log.Info("call", "m");
    log.Info("other", "m");
  }
  EXPECT_EQ(Lines().size(), 4U);
}

TEST_F(JsonLogTest, AFieldNeverShadowsTheFrame) {
  JsonLog log(Options());
  log.Info("e", "m", {{"level", "error"}, {"ts", "0"}});
  EXPECT_THAT(Lines(), ElementsAre(HasSubstr(R"("message":"m","level_":"error","ts_":"0"})")));
}

TEST_F(JsonLogTest, ALongFieldIsCut) {
  JsonLog log(Options());
  log.Info("e", "m", {{"x", std::string(JsonLog::kFieldBytesMax + 1, 'y')}});
  EXPECT_THAT(Lines(), ElementsAre(HasSubstr(R"("x":")" +
                                             std::string(JsonLog::kFieldBytesMax, 'y') + R"("})")));
}

TEST_F(JsonLogTest, LevelsBelowTheMinimumAreSilent) {
  JsonLog::Options options = Options();
  options.level_min = LogLevel::kWarning;
  JsonLog log(options);
  log.Info("quiet", "m");
  log.Error("loud", "m");
  EXPECT_THAT(Lines(), ElementsAre(HasSubstr(R"("event":"loud")")));
}

TEST_F(JsonLogTest, AFloodOfOneEventIsCutAndCounted) {
  JsonLog::Options options = Options();
  options.events_per_second = 2;
  {
    JsonLog log(options);
    for (int i = 0; i < 5; ++i) log.Info("flood", "m");
    log.Info("other", "m");
    now_ += std::chrono::seconds(1);
    for (int i = 0; i < 4; ++i) log.Info("flood", "m");
  }
  EXPECT_THAT(Lines(), ElementsAre(HasSubstr("flood"), HasSubstr("flood"), HasSubstr("other"),
                                   HasSubstr(R"("suppressed":3})"), HasSubstr("flood"),
                                   HasSubstr(R"("suppressed":2})")));
}

// The state of a thread of this process, as in "S": it waits.
char StateOf(pid_t thread) {
  std::ifstream file("/proc/self/task/" + std::to_string(thread) + "/stat");
  std::string text;
  std::getline(file, text);
  const std::size_t name_end = text.rfind(')');
  return name_end + 2 < text.size() ? text[name_end + 2] : ' ';
}

TEST_F(JsonLogTest, WhoseLineIsLeftOutDoesNotWaitForAFullPipe) {
  JsonLog::Options options = Options();
  options.events_per_second = 1;
  JsonLog log(options);
  log.Info("flood", "m");
  std::string bytes(static_cast<std::size_t>(fcntl(pipe_[1], F_GETPIPE_SZ)), '\n');
  fcntl(pipe_[1], F_SETFL, O_NONBLOCK);
  while (write(pipe_[1], bytes.data(), bytes.size()) > 0 || write(pipe_[1], "\n", 1) > 0) {
  }
  fcntl(pipe_[1], F_SETFL, 0);
  std::atomic<pid_t> thread{0};
  std::jthread writer([&] {
    thread = gettid();
    log.Info("other", "m");
  });
  EXPECT_TRUE(kulanz::testing::Eventually([&] { return thread != 0 && StateOf(thread) == 'S'; }));
  for (int i = 0; i < 1'000; ++i) log.Info("flood", "m");
  EXPECT_GT(read(pipe_[0], bytes.data(), bytes.size()), 0) << "now there is room";
  writer.join();
  EXPECT_THAT(Lines().back(), HasSubstr("other"));
}

TEST_F(JsonLogTest, LinesOfManyThreadsStayWhole) {
  JsonLog::Options options = Options();
  options.events_per_second = 0;
  JsonLog log(options);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&log] {
      for (int i = 0; i < 50; ++i) log.Info("event", "message", {{"i", std::to_string(i)}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::vector<std::string> lines = Lines();
  EXPECT_EQ(lines.size(), 200U);
  for (const std::string& line : lines) {
    EXPECT_EQ(line.front(), '{');
    EXPECT_EQ(line.back(), '}');
    EXPECT_EQ(line.find('}'), line.size() - 1);
  }
}

}  // namespace
}  // namespace kulanz::adapters
