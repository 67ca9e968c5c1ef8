#include "service/adapters/maildir/maildir_messenger.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace kulanz::adapters {
namespace {

using ports::Delivery;
using ports::DeliveryReport;
using ports::DeliveryResult;

DeliveryReport Report(DeliveryResult result, std::string_view reason, std::string detail) {
  DeliveryReport report;
  report.result = result;
  report.reason = reason;
  report.detail = std::move(detail);
  return report;
}

DeliveryReport RetryLater(std::string_view reason, std::string detail) {
  DeliveryReport report = Report(DeliveryResult::kRetry, reason, std::move(detail));
  report.retry_after = std::chrono::seconds{1};
  return report;
}

}  // namespace

MaildirMessenger::MaildirMessenger(std::unique_ptr<Maildir> maildir, const LetterComposer& composer,
                                   Options options)
    : maildir_(std::move(maildir)), composer_(composer), options_(options) {
  for (std::size_t i = 0; i < std::max<std::size_t>(1, options_.workers); ++i) {
    workers_.emplace_back([this] { Work(); });
  }
}

MaildirMessenger::~MaildirMessenger() {
  std::deque<Job> waiting;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    waiting.swap(jobs_);
    changed_.notify_all();
  }
  for (std::thread& worker : workers_) worker.join();
  for (Job& job : waiting) job.done(RetryLater("SHUTTING_DOWN", "the server is shutting down"));
}

Task<DeliveryReport> MaildirMessenger::Send(Delivery delivery) {
  // Named, because g++ 12 miscompiles some temporaries that live across a suspension.
  auto start = [this, &delivery](auto done) {
    Enqueue({std::move(delivery), Done(std::move(done))});
  };
  auto sending = Complete<DeliveryReport>(start);
  DeliveryReport report = co_await sending;
  co_return report;
}

void MaildirMessenger::Enqueue(Job job) {
  std::string_view refusal;
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_ && jobs_.size() < options_.queue_max) {
      jobs_.push_back(std::move(job));
      changed_.notify_one();
      return;
    }
    refusal = stopping_ ? "SHUTTING_DOWN" : "QUEUE_FULL";
  }
  job.done(RetryLater(refusal, "the letter was not taken"));
}

void MaildirMessenger::Work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    std::optional<Job> job(std::move(jobs_.front()));
    jobs_.pop_front();
    lock.unlock();
    job->done(Deliver(job->delivery));
    job.reset();  // what it holds is not kept until there is another
    lock.lock();
  }
}

DeliveryReport MaildirMessenger::Deliver(const Delivery& delivery) {
  const Result<Letter> letter = composer_.Compose(delivery);
  if (!letter.ok()) {
    const Status status = letter.status();
    return Report(DeliveryResult::kUndeliverable, status.reason(), status.message());
  }
  const Result<bool> written = maildir_->Write(delivery.id, letter->message);
  if (written.ok()) return Report(DeliveryResult::kAccepted, {}, {});
  const Status status = written.status();
  if (status.code() == Code::kUnavailable) return RetryLater(status.reason(), status.message());
  return Report(DeliveryResult::kMisconfigured, status.reason(), status.message());
}

}  // namespace kulanz::adapters
