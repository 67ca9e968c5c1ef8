#include "service/app/customers.h"

#include <utility>
#include <variant>
#include <vector>

#include "service/app/contention.h"
#include "service/app/keys.h"
#include "service/app/policy_holder.h"
#include "service/app/record_codec.h"
#include "service/base/time_zone.h"
#include "service/ports/scheduler.h"
#include "service/ports/store.h"

namespace kulanz::app {
namespace {

// Others that change the profile at once win.
constexpr int kMarkTries = 3;

Status CustomerNotFound(const CustomerId& customer) {
  return Status(Code::kNotFound, "CUSTOMER_NOT_FOUND",
                "customer '" + customer.text() + "' is not known")
      .WithMetadata("customerId", customer.text());
}

ports::Transaction PutProfile(const RecordCodec& codec, const ports::Key& key,
                              std::uint64_t version, const Customer& customer) {
  ports::Transaction transaction;
  transaction.partition = key.partition;
  transaction.checks.emplace_back(ports::CheckVersion{key, version});
  transaction.writes.emplace_back(ports::Put{key, codec.Encode(key, customer), std::nullopt});
  return transaction;
}

}  // namespace

Task<void> MarkEmailRefused(const Dependencies& dependencies, CustomerId customer,
                            std::string email, Instant now, Deadline deadline) {
  const ports::Key key = dependencies.keys.Profile(customer);
  for (int attempt = 0; attempt < kMarkTries; ++attempt) {
    std::vector<ports::Key> wanted = {key};
    const auto records = co_await dependencies.store.Read(std::move(wanted), deadline);
    if (!records.ok() || !records->front().exists()) {
      co_return;
    }
    auto profile = dependencies.codec.DecodeCustomer(key, records->front().value);
    if (!profile.ok() || profile->email != email || profile->email_refused_at) {
      co_return;
    }
    profile->email_refused_at = now;
    ports::Transaction transaction =
        PutProfile(dependencies.codec, key, records->front().version, *profile);
    const auto outcome = co_await dependencies.store.Commit(std::move(transaction), deadline);
    if (!outcome.ok() || std::holds_alternative<ports::Committed>(*outcome)) {
      co_return;
    }
  }
}

Customers::Customers(const Dependencies& dependencies) : dependencies_(dependencies) {}

Task<Result<bool>> Customers::Upsert(Customer customer, Violations violations, Deadline deadline) {
  if (!customer.time_zone.empty() && !TimeZone::Load(customer.time_zone)) {
    violations.push_back(
        {"customer.time_zone",
         "'" + customer.time_zone + "' is no IANA time zone that this system knows"});
  }
  if (const auto policies = dependencies_.policies.Current()) {
    policy::ValidateCustomer(*policies, customer, violations);
  }
  if (!violations.empty()) {
    co_return Status::Invalid(std::move(violations));
  }
  const ports::Key key = dependencies_.keys.Profile(customer.id);
  // A new customer takes one trip; a known one two, because the first brings its version back.
  std::uint64_t version = 0;
  customer.email_refused_at.reset();
  do {
    ports::Transaction transaction = PutProfile(dependencies_.codec, key, version, customer);
    const auto outcome = co_await dependencies_.store.Commit(std::move(transaction), deadline);
    if (!outcome.ok()) {
      co_return outcome.status();
    }
    const auto* conflict = std::get_if<ports::Conflict>(&*outcome);
    if (conflict == nullptr) {
      co_return version == 0;
    }
    const ports::Record& stored = conflict->records.front();
    version = stored.version;
    customer.email_refused_at.reset();
    // A record that cannot be read is replaced: what it would say of the address is lost.
    const auto before = dependencies_.codec.DecodeCustomer(key, stored.value);
    if (stored.exists() && before.ok() && before->email == customer.email) {
      customer.email_refused_at = before->email_refused_at;
    }
  } while (dependencies_.scheduler.Now() < deadline);
  co_return Contention("the profile was changed by others at once");
}

Task<Result<Customer>> Customers::Get(CustomerId customer, Deadline deadline) {
  const ports::Key key = dependencies_.keys.Profile(customer);
  std::vector<ports::Key> wanted = {key};
  const auto records = co_await dependencies_.store.Read(std::move(wanted), deadline);
  if (!records.ok()) {
    co_return records.status();
  }
  if (!records->front().exists()) {
    co_return CustomerNotFound(customer);
  }
  co_return dependencies_.codec.DecodeCustomer(key, records->front().value);
}

Task<Result<bool>> Customers::Erase(CustomerId customer, Deadline deadline) {
  const ports::Key key = dependencies_.keys.Profile(customer);
  std::vector<ports::Key> wanted = {key};
  const auto records = co_await dependencies_.store.Read(std::move(wanted), deadline);
  if (!records.ok()) {
    co_return records.status();
  }
  if (!records->front().exists()) {
    co_return false;
  }
  ports::Transaction transaction;
  transaction.partition = key.partition;
  transaction.writes.emplace_back(ports::Delete{key});
  const auto outcome = co_await dependencies_.store.Commit(std::move(transaction), deadline);
  if (!outcome.ok()) {
    co_return outcome.status();
  }
  co_return true;
}

}  // namespace kulanz::app
