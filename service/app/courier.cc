#include "service/app/courier.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "service/app/agenda.h"
#include "service/app/courier_letter.h"
#include "service/app/keys.h"
#include "service/app/parallel.h"
#include "service/ports/log.h"
#include "service/ports/scheduler.h"
#include "service/ports/telemetry.h"

namespace kulanz::app {
namespace {

// Entries taken from an agenda at once.
constexpr std::uint32_t kAgendaEntries = 64;

}  // namespace

// What is due and what is in hand. Partitions with due work wait for a look, a look gives letters, and a
// letter waits for one of the places; each step starts the next when there is room.
class Courier::Core : public std::enable_shared_from_this<Core> {
 public:
  Core(const Dependencies& dependencies, ports::Messenger& messenger, ports::Entropy& entropy,
       CourierSettings settings)
      : dependencies_(dependencies),
        messenger_(messenger),
        entropy_(entropy),
        settings_(settings),
        partitions_(dependencies.keys.partition_count()) {}

  static Task<void> Run(std::shared_ptr<Core> self);
  void Notify(ports::PartitionId partition, Instant due);
  void Stop();

 private:
  struct Partition {
    bool waiting = false;  // in due_
    bool looking = false;
    bool again = false;  // something became due while it was looked at
    bool more = false;   // the last look was cut off
    std::set<ports::KeyHash> in_hand;
  };
  struct Observation {
    std::mutex mutex;
    std::uint64_t entries = 0;
    Duration oldest_due{0};
  };

  // All need mutex_.
  void WantLook(ports::PartitionId partition);
  bool MayStart(Deadline now) const;

  // Starts whatever has room, until nothing has.
  void Pump();
  static Task<void> Look(std::shared_ptr<Core> self, ports::PartitionId partition);
  static Task<void> LookLater(std::shared_ptr<Core> self, ports::PartitionId partition,
                              Duration pause);
  static Task<void> Deliver(std::shared_ptr<Core> self, DueLetter letter);
  static Task<void> Poll(std::shared_ptr<Core> self);
  static Task<void> PollPartition(std::shared_ptr<Core> self, std::shared_ptr<Observation> seen,
                                  std::size_t number, Instant now);
  void Start(Task<void> task);  // counts it as in hand
  void Ended();
  void Took(ports::PartitionId partition, const std::vector<ports::IndexEntry>& entries);

  const Dependencies dependencies_;
  ports::Messenger& messenger_;
  ports::Entropy& entropy_;
  const CourierSettings settings_;

  std::mutex mutex_;  // guards everything below
  std::vector<Partition> partitions_;
  std::deque<ports::PartitionId> due_;  // to be looked at
  std::deque<DueLetter> letters_;       // to be delivered
  std::size_t looking_ = 0;
  std::size_t delivering_ = 0;
  std::size_t running_ = 0;  // tasks under way
  bool stopped_ = false;
  bool pumping_ = false;
  bool pump_again_ = false;
  Deadline paused_until_{};
  bool misconfigured_ = false;     // the last pause has not been followed by a letter taken up
  std::function<void(int)> idle_;  // told when nothing runs any more
};

void Courier::Core::Start(Task<void> task) {
  {
    const std::lock_guard lock(mutex_);
    ++running_;
  }
  SpawnThen(std::move(task), [self = shared_from_this()] { self->Ended(); });
}

void Courier::Core::Ended() {
  std::function<void(int)> idle;
  {
    const std::lock_guard lock(mutex_);
    if (--running_ == 0) {
      idle = std::exchange(idle_, nullptr);
    }
  }
  if (idle) {
    idle(0);
  }
}

void Courier::Core::WantLook(ports::PartitionId partition) {
  Partition& state = partitions_[partition.number];
  if (state.looking) {
    state.again = true;
  } else if (!std::exchange(state.waiting, true)) {
    due_.push_back(partition);
  }
}

bool Courier::Core::MayStart(Deadline now) const { return !stopped_ && now >= paused_until_; }

// One pump at a time: with a store that answers at once, a letter ends within the call that starts it,
// and its end must not start the next one below it on the stack.
void Courier::Core::Pump() {
  {
    const std::lock_guard lock(mutex_);
    pump_again_ = true;
    if (std::exchange(pumping_, true)) {
      return;
    }
  }
  for (;;) {
    std::optional<DueLetter> letter;
    std::optional<ports::PartitionId> partition;
    {
      const std::lock_guard lock(mutex_);
      const bool may = MayStart(dependencies_.scheduler.Now());
      if (may && !letters_.empty() && delivering_ < settings_.in_flight_max) {
        letter = letters_.front();
        letters_.pop_front();
        ++delivering_;
      } else if (may && !due_.empty() && looking_ < settings_.polls_max &&
                 letters_.size() < settings_.in_flight_max) {
        partition = due_.front();
        due_.pop_front();
        partitions_[partition->number].waiting = false;
        partitions_[partition->number].looking = true;
        ++looking_;
      } else if (!std::exchange(pump_again_, false)) {
        pumping_ = false;
        return;
      }
    }
    if (letter) {
      Start(Deliver(shared_from_this(), *letter));
    } else if (partition) {
      Start(Look(shared_from_this(), *partition));
    }
  }
}

Task<void> Courier::Core::Look(std::shared_ptr<Core> self, ports::PartitionId partition) {
  const Dependencies& dependencies = self->dependencies_;
  std::vector<ports::IndexEntry> entries;
  if (const auto now = dependencies.store.Now()) {
    ports::IndexRange range;
    range.index = dependencies.keys.Agenda(partition);
    range.score_min = -ports::kStoredIntegerMax;
    range.score_max = ToMillis(*now);
    range.limit = kAgendaEntries;
    const Deadline deadline = dependencies.scheduler.Now() + self->settings_.store_timeout;
    auto found = co_await dependencies.store.ReadIndex(range, deadline);
    if (found.ok()) {
      entries = *std::move(found);
    }
  }
  self->Took(partition, entries);
  self->Pump();
}

void Courier::Core::Took(ports::PartitionId partition,
                         const std::vector<ports::IndexEntry>& entries) {
  const std::lock_guard lock(mutex_);
  Partition& state = partitions_[partition.number];
  --looking_;
  state.looking = false;
  state.more = entries.size() == kAgendaEntries;
  for (const ports::IndexEntry& entry : entries) {
    const auto item = DecodeAgendaMember(entry.member);
    if (item && state.in_hand.insert(item->record).second) {
      letters_.push_back({partition, *item, entry.score});
    }
  }
  if (std::exchange(state.again, false)) {
    WantLook(partition);
  }
}

Task<void> Courier::Core::Deliver(std::shared_ptr<Core> self, DueLetter letter) {
  const LetterTools tools{self->dependencies_, self->messenger_, self->entropy_, self->settings_};
  const LetterEnd end = co_await DeliverLetter(tools, letter);
  bool pauses = false;
  bool resumes = false;
  {
    const std::lock_guard lock(self->mutex_);
    --self->delivering_;
    Partition& state = self->partitions_[letter.partition.number];
    state.in_hand.erase(letter.item.record);
    if (state.in_hand.empty() && std::exchange(state.more, false)) {
      self->WantLook(letter.partition);
    }
    if (end == LetterEnd::kMisconfigured) {
      const Deadline now = self->dependencies_.scheduler.Now();
      pauses = now >= self->paused_until_;
      self->paused_until_ = now + self->settings_.pause;
      self->misconfigured_ = true;
    } else if (end == LetterEnd::kAttempted) {
      resumes = std::exchange(self->misconfigured_, false);
    }
  }
  if (pauses) {
    self->dependencies_.telemetry.DeliveriesPaused(true);
    self->dependencies_.log.Error("delivery_paused",
                                  "no letter can be sent until the messenger is set right");
  } else if (resumes) {
    self->dependencies_.telemetry.DeliveriesPaused(false);
    self->dependencies_.log.Info("delivery_resumed", "letters are sent again");
  }
  self->Pump();
}

Task<void> Courier::Core::LookLater(std::shared_ptr<Core> self, ports::PartitionId partition,
                                    Duration pause) {
  co_await self->dependencies_.scheduler.Sleep(pause);
  {
    const std::lock_guard lock(self->mutex_);
    self->WantLook(partition);
  }
  self->Pump();
}

void Courier::Core::Notify(ports::PartitionId partition, Instant due) {
  const auto now = dependencies_.store.Now();
  const Duration ahead = now ? due - *now : Duration{0};
  {
    const std::lock_guard lock(mutex_);
    // Later than the next poll: that will see it.
    if (stopped_ || running_ == 0 || ahead > settings_.poll) {
      return;
    }
    if (ahead <= Duration{0}) {
      WantLook(partition);
    }
  }
  if (ahead > Duration{0}) {
    Start(LookLater(shared_from_this(), partition, ahead));
  } else {
    Pump();
  }
}

Task<void> Courier::Core::PollPartition(std::shared_ptr<Core> self,
                                        std::shared_ptr<Observation> seen, std::size_t number,
                                        Instant now) {
  const ports::PartitionId partition{static_cast<std::uint16_t>(number)};
  const Dependencies& dependencies = self->dependencies_;
  const Deadline deadline = dependencies.scheduler.Now() + self->settings_.store_timeout;
  const ports::Key agenda = dependencies.keys.Agenda(partition);
  const auto summary = co_await dependencies.store.SummarizeIndex(agenda, deadline);
  if (!summary.ok() || summary->size == 0) {
    co_return;
  }
  const Instant first = summary->score_min ? InstantFromMillis(*summary->score_min) : now;
  {
    const std::lock_guard lock(seen->mutex);
    seen->entries += summary->size;
    seen->oldest_due = std::max(seen->oldest_due, now - first);
  }
  if (first <= now) {
    const std::lock_guard lock(self->mutex_);
    self->WantLook(partition);
  }
}

Task<void> Courier::Core::Poll(std::shared_ptr<Core> self) {
  const auto now = self->dependencies_.store.Now();
  if (!now) {
    co_return;
  }
  auto seen = std::make_shared<Observation>();
  std::function<Task<void>(std::size_t)> work = [self, seen, at = *now](std::size_t number) {
    return PollPartition(self, seen, number, at);
  };
  co_await ForEach(self->partitions_.size(), self->settings_.polls_max, std::move(work));
  self->dependencies_.telemetry.AgendaObserved(seen->entries, seen->oldest_due);
  self->Pump();
}

void Courier::Core::Stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  letters_.clear();
  due_.clear();
}

Task<void> Courier::Core::Run(std::shared_ptr<Core> self) {
  ports::Scheduler& scheduler = self->dependencies_.scheduler;
  const auto goes_on = [&self, &scheduler] {
    const std::lock_guard lock(self->mutex_);
    return !self->stopped_ && !scheduler.stopping();
  };
  {
    const std::lock_guard lock(self->mutex_);
    ++self->running_;
  }
  while (goes_on()) {
    co_await Poll(self);
    co_await scheduler.Sleep(self->settings_.poll);
  }
  self->Stop();
  auto wait = [&self](auto done) {
    bool idle = false;
    {
      const std::lock_guard lock(self->mutex_);
      idle = --self->running_ == 0;
      if (!idle) {
        self->idle_ = done;
      }
    }
    if (idle) {
      done(0);
    }
  };
  auto all_ended = Complete<int>(wait);
  co_await all_ended;
}

Courier::Courier(const Dependencies& dependencies, ports::Messenger& messenger,
                 ports::Entropy& entropy, CourierSettings settings)
    : core_(std::make_shared<Core>(dependencies, messenger, entropy, settings)) {}

Courier::~Courier() = default;

Task<void> Courier::Run() { return Core::Run(core_); }

void Courier::Notify(ports::PartitionId partition, Instant due) { core_->Notify(partition, due); }

void Courier::Stop() { core_->Stop(); }

}  // namespace kulanz::app
