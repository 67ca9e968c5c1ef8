// Customers: keep what Kulanz knows of a customer, and forget it.
//
// Thread-safety: any method from any thread.
#pragma once

#include <string>

#include "service/app/dependencies.h"
#include "service/base/result.h"
#include "service/base/task.h"
#include "service/domain/customer.h"

namespace kulanz::app {

// Notes that a mail server refused the address for good, unless the customer has another by now. Best effort:
// what fails here is noted with the next letter.
Task<void> MarkEmailRefused(const Dependencies& dependencies, CustomerId customer,
                            std::string email, Instant now, Deadline deadline);

class Customers {
 public:
  explicit Customers(const Dependencies& dependencies);

  // Creates or replaces the whole profile; idempotent. Gives true when it was created. That its address was
  // refused (Customer::email_refused_at) stays known as long as the address does.
  //   INVALID_ARGUMENT / INVALID_REQUEST   violations handed in or found here (time zone, locale,
  //                                        attributes that customers.yaml declares otherwise).
  Task<Result<bool>> Upsert(Customer customer, Violations violations, Deadline deadline);

  // NOT_FOUND / CUSTOMER_NOT_FOUND.
  Task<Result<Customer>> Get(CustomerId customer, Deadline deadline);

  // Deletes the profile: the only record with personal data. Decisions, vouchers and history stay under
  // the opaque id, so the books remain true. Idempotent: erasing twice is a success. Letters that are
  // not sent yet become undeliverable (no address). Gives true when there was a profile.
  Task<Result<bool>> Erase(CustomerId customer, Deadline deadline);

 private:
  const Dependencies& dependencies_;
};

}  // namespace kulanz::app
