// OpenStreams: the streams of one kind that are open, each until gRPC is done with it, so that all can be told that
// the server stops.
//
// Stream: made with (OpenStreams<Stream>&, bool ending, ...); `ending`: all were ended before it was opened. End()
// ends it, from any thread, also while whoever opened it is still at that. Its OnDone calls Remove.
//
// Thread-safety: any thread. Outlives the server that calls the streams.
#pragma once

#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

namespace kulanz::rpc {

template <typename Stream>
class OpenStreams {
 public:
  template <typename... Arguments>
  Stream& Open(Arguments&&... arguments) {
    const std::lock_guard lock(mutex_);
    auto stream = std::make_shared<Stream>(*this, ending_, std::forward<Arguments>(arguments)...);
    Stream& opened = *stream;
    streams_.emplace(&opened, std::move(stream));
    return opened;
  }

  // Those that are open, and each that is opened later.
  void EndAll() {
    std::vector<std::shared_ptr<Stream>> streams;
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
      for (const auto& [pointer, stream] : streams_) {
        streams.push_back(stream);
      }
    }
    for (const std::shared_ptr<Stream>& stream : streams) {
      stream->End();  // May come to OnDone and so to Remove: not under the lock.
    }
  }

  void Remove(Stream& stream) {
    std::shared_ptr<Stream> removed;  // Destroyed after the lock is.
    const std::lock_guard lock(mutex_);
    if (const auto found = streams_.find(&stream); found != streams_.end()) {
      removed = std::move(found->second);
      streams_.erase(found);
    }
  }

 private:
  std::mutex mutex_;
  // Under mutex_:
  bool ending_ = false;
  std::unordered_map<Stream*, std::shared_ptr<Stream>> streams_;
};

}  // namespace kulanz::rpc
