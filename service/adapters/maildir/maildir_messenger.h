// MaildirMessenger: letters into a maildir, for a look at them, for tests, and for a mail system that
// picks them up from there.
//
// Send() queues the delivery and returns at its first suspension; worker threads compose and write, and
// the awaiter is resumed on such a thread, which must not be blocked for long.
//
// Outcomes:
//   kAccepted                           the letter is in the maildir, now or since an earlier attempt
//   kUndeliverable / NO_ADDRESS, NO_CONSENT, UNKNOWN_MESSAGE, ... as LetterComposer::Compose has them
//   kMisconfigured / DISK_FULL, MAILDIR_FORBIDDEN, MAILDIR_GONE
//   kRetry / MAILDIR_IO, QUEUE_FULL, SHUTTING_DOWN
//
// Thread-safety: any thread. The destructor lets the letter being written finish and answers what still
// waits with SHUTTING_DOWN. No Send may begin once it has begun.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "service/adapters/mail/letter_composer.h"
#include "service/adapters/maildir/maildir.h"
#include "service/ports/messenger.h"

namespace kulanz::adapters {

class MaildirMessenger final : public ports::Messenger {
 public:
  struct Options {
    std::size_t workers = 4;       // letters that are synced side by side share the disk's commits
    std::size_t queue_max = 1024;  // deliveries that wait; about 10 MB at the most
  };

  // `composer` outlives it.
  MaildirMessenger(std::unique_ptr<Maildir> maildir, const LetterComposer& composer,
                   Options options);
  ~MaildirMessenger() override;
  MaildirMessenger(const MaildirMessenger&) = delete;
  MaildirMessenger& operator=(const MaildirMessenger&) = delete;

  Task<ports::DeliveryReport> Send(ports::Delivery delivery) override;

 private:
  using Done = std::function<void(ports::DeliveryReport)>;
  struct Job {
    ports::Delivery delivery;
    Done done;
  };

  void Enqueue(Job job);
  void Work();
  ports::DeliveryReport Deliver(const ports::Delivery& delivery);

  const std::unique_ptr<Maildir> maildir_;
  const LetterComposer& composer_;
  const Options options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;   // under mutex_
  bool stopping_ = false;  // under mutex_
  std::vector<std::thread> workers_;
};

}  // namespace kulanz::adapters
