#include "service/adapters/system/directory_watcher.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <vector>

#include "service/base/check.h"

namespace kulanz::adapters {
namespace {

constexpr std::uint32_t kEvents = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM |
                                  IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF |
                                  IN_ONLYDIR;

// FNV-1a: nobody gains by a collision here, and a change goes unseen with a chance of 2^-64.
class Hash {
 public:
  void Add(std::string_view bytes) {
    for (const char c : bytes) Mix(static_cast<std::uint8_t>(c));
    Mix(0);
  }
  void Add(std::uint64_t number) {
    for (unsigned shift = 0; shift < 64; shift += 8) Mix((number >> shift) & 0xFFU);
  }
  std::uint64_t value() const { return value_; }

 private:
  void Mix(std::uint64_t byte) { value_ = (value_ ^ byte) * 0x100000001B3U; }
  std::uint64_t value_ = 0xCBF29CE484222325U;
};

struct Walk {
  Hash hash;
  std::size_t entries = 0;
  std::vector<std::string>* directories = nullptr;

  void Visit(const std::string& path, int depth) {
    struct stat info {};
    if (stat(path.c_str(), &info) != 0 || ++entries > DirectoryWatcher::kEntriesMax) return;
    hash.Add(path);
    hash.Add(static_cast<std::uint64_t>(info.st_dev));
    hash.Add(static_cast<std::uint64_t>(info.st_ino));
    hash.Add(static_cast<std::uint64_t>(info.st_mode));
    if (!S_ISDIR(info.st_mode)) {
      hash.Add(static_cast<std::uint64_t>(info.st_size));
      hash.Add(static_cast<std::uint64_t>(info.st_mtim.tv_sec));
      hash.Add(static_cast<std::uint64_t>(info.st_mtim.tv_nsec));
      return;
    }
    if (directories != nullptr) directories->push_back(path);
    if (depth == DirectoryWatcher::kDepthMax) return;
    for (std::string& name : VisibleNames(path)) Visit(name.insert(0, path + "/"), depth + 1);
  }

  static std::vector<std::string> VisibleNames(const std::string& path) {
    std::vector<std::string> names;
    std::error_code error;
    std::filesystem::directory_iterator entry(path, error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
      std::string name = entry->path().filename().string();
      if (name.front() != '.') names.push_back(std::move(name));
    }
    std::sort(names.begin(), names.end());
    return names;
  }
};

int PollMillis(Duration duration) {
  return static_cast<int>(std::clamp<std::int64_t>(duration.count(), 1, 86'400'000));
}

}  // namespace

std::uint64_t FingerprintTree(const std::string& path, std::vector<std::string>* directories) {
  Walk walk;
  walk.directories = directories;
  walk.Visit(path, 0);
  return walk.hash.value();
}

DirectoryWatcher::DirectoryWatcher(Options options, std::function<void()> changed)
    : options_(std::move(options)),
      changed_(std::move(changed)),
      inotify_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)),
      stop_event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  KULANZ_CHECK(stop_event_.valid(),
               "a process that is out of descriptors at its start cannot serve");
  WatchTree();
  fingerprint_ = FingerprintTree(options_.path, nullptr);
  thread_ = std::thread([this] { Run(); });
}

DirectoryWatcher::~DirectoryWatcher() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(stop_event_.get(), &one, sizeof one);
  thread_.join();
}

void DirectoryWatcher::Run() {
  while (AwaitPrompt()) {
    // Watches come first: what changes while the fingerprint is taken prompts another look.
    WatchTree();
    const std::uint64_t now = FingerprintTree(options_.path, nullptr);
    if (now == fingerprint_) continue;
    fingerprint_ = now;
    changed_();
  }
}

void DirectoryWatcher::WatchTree() {
  if (!inotify_.valid()) return;
  std::vector<std::string> watched;
  // Again until nothing came between listing a folder and watching it.
  while (true) {
    std::vector<std::string> directories;
    FingerprintTree(options_.path, &directories);
    if (directories == watched) return;
    // Adding a watch twice is the same watch; those of removed folders the kernel has dropped.
    for (const std::string& directory : directories) {
      inotify_add_watch(inotify_.get(), directory.c_str(), kEvents);
    }
    watched = std::move(directories);
  }
}

bool DirectoryWatcher::AwaitPrompt() {
  // A negative descriptor is ignored by poll(2): without inotify only the interval prompts.
  std::array<pollfd, 2> sources{{{stop_event_.get(), POLLIN, 0}, {inotify_.get(), POLLIN, 0}}};
  const auto wait = [&sources](Duration duration) {
    const int ready = poll(sources.data(), sources.size(), PollMillis(duration));
    if (ready <= 0) sources[0].revents = sources[1].revents = 0;
    return sources[0].revents == 0;
  };
  if (!wait(options_.poll_interval)) return false;
  if (!DrainEvents()) return true;
  const Deadline latest = std::chrono::steady_clock::now() + 10 * options_.quiet;
  while (std::chrono::steady_clock::now() < latest) {
    if (!wait(options_.quiet)) return false;
    if (!DrainEvents()) break;
  }
  return true;
}

bool DirectoryWatcher::DrainEvents() {
  alignas(inotify_event) std::array<char, 4096> buffer{};
  bool any = false;
  while (inotify_.valid() && read(inotify_.get(), buffer.data(), buffer.size()) > 0) any = true;
  return any;
}

}  // namespace kulanz::adapters
