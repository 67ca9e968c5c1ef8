// vouchers_bench: what many live vouchers cost. Fills a redis-server of its own through the use-cases, two
// vouchers per customer, letters sent, and prints
//
//   - the memory that Redis needs per customer (the profile) and per voucher (claim, decision, voucher and
//     their part of history and indexes), at the full number;
//   - the latency of ValidateVoucher and RedeemVoucher, one call at a time, among few vouchers and among all.
//
//   vouchers_bench [vouchers, 1000000] [few, 10000]

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "service/adapters/redis/blocking_client.h"
#include "service/adapters/redis/embedded.h"
#include "service/adapters/redis/initialise.h"
#include "service/adapters/redis/redis_store.h"
#include "service/adapters/system/system_entropy.h"
#include "service/app/policy_holder.h"
#include "service/base/check.h"
#include "service/kulanzd/application.h"
#include "service/policy/loader.h"
#include "service/ports/log.h"
#include "service/ports/messenger.h"
#include "service/ports/telemetry.h"
#include "service/wiring/secrets.h"

namespace kulanz {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kVouchersPerCustomer = 2;
constexpr int kAtOnce = 256;
constexpr int kTimed = 2'000;  // calls of each kind

class InstantPost final : public ports::Messenger {
 public:
  Task<ports::DeliveryReport> Send(ports::Delivery) override {
    {
      const std::lock_guard lock(mutex_);
      ++sent_;
    }
    changed_.notify_all();
    co_return ports::DeliveryReport{ports::DeliveryResult::kAccepted, "", "", std::nullopt};
  }
  void AwaitSent(int letters) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return sent_ >= letters; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int sent_ = 0;  // under mutex_
};

policy::PolicyFiles Policies() {
  policy::PolicyFiles files;
  files.files.push_back({"incidents.yaml",
                         "kulanz: v1\nincidents:\n  late:\n    summary: It came late\n"
                         "    reporters: [system]\n    order: {id: required}\n"
                         "    attributes:\n      days: {type: int}\n"});
  files.files.push_back({"people.yaml",
                         "kulanz: v1\npeople:\n  anna: {name: Anna Berger, role: Logistics, email: "
                         "anna@example.com}\n"});
  files.files.push_back({"policies/late.yaml",
                         "kulanz: v1\npolicy: late\nsummary: It came late\ndepartment: logistics\n"
                         "incidents: [late]\nzone: Europe/Berlin\ncurrency: EUR\n"
                         "gesture:\n  - {when: 'incident.days >= 1', amount: eur(5.00)}\n"
                         "once_per: order.id\n"
                         "limits:\n  - {vouchers: 5, per: customer, within: 90d}\n"
                         "voucher: {valid_for: 180d, kind: single_use}\n"
                         "delivery: {message: late, wait: 0s, signed_by: anna}\n"});
  return files;
}

Deadline Soon() { return Clock::now() + std::chrono::seconds(30); }

std::int64_t UsedMemory(const redis::RedisAddress& address) {
  auto client = redis::BlockingClient::Connect(address, Duration(10'000));
  const auto info = client->Run({"INFO", "memory"});
  const std::string field = "used_memory:";
  return std::atoll(info->text.c_str() + info->text.find(field) + field.size());
}

class Bench {
 public:
  Bench(rpc::UseCases use_cases, Instant now) : use_cases_(use_cases), occurred_(now) {}

  void AddCustomers(int end) {
    ForEach(customers_, end, [this](int number) { return Upsert(number); });
    customers_ = end;
  }
  void Grant(int end) {
    codes_.resize(static_cast<std::size_t>(end));
    ForEach(granted_, end, [this](int number) { return Report(number); });
    granted_ = end;
  }
  // Microseconds, sorted.
  std::vector<double> TimeValidate() {
    return Time([this](int number) {
      return SyncWait(use_cases_.vouchers.Validate(RequestFor(number), Soon())).ok();
    });
  }
  // Each voucher once: those before `redeemed_` are used.
  std::vector<double> TimeRedeem() {
    return Time([this](int) {
      return SyncWait(use_cases_.vouchers.Redeem(RequestFor(redeemed_++), Soon())).ok();
    });
  }

 private:
  static std::string CustomerOf(int voucher) {
    return "customer-" + std::to_string(voucher / kVouchersPerCustomer);
  }
  app::RedeemRequest RequestFor(int number) const {
    app::RedeemRequest request;
    request.code = codes_.at(static_cast<std::size_t>(number));
    request.customer = CustomerId(CustomerOf(number));
    request.redemption = RedemptionId("redemption-" + std::to_string(number));
    request.order = OrderId("cart-" + std::to_string(number));
    return request;
  }
  Task<void> Upsert(int number) {
    Customer customer;
    customer.id = CustomerId("customer-" + std::to_string(number));
    customer.given_name = "Zoë";
    customer.family_name = "Müller";
    customer.email = "zoe.mueller." + std::to_string(number) + "@example.com";
    customer.locale = "de-DE";
    customer.segment = "gold";
    const auto done = co_await use_cases_.customers.Upsert(std::move(customer), {}, Soon());
    KULANZ_CHECK(done.ok(), "no call may fail here");
  }
  Task<void> Report(int number) {
    Incident incident;
    incident.id = IncidentId("shipment-" + std::to_string(number) + "-late");
    incident.customer = CustomerId(CustomerOf(number));
    incident.type = "late";
    incident.occurred_at = occurred_;
    incident.order = Order{OrderId("order-" + std::to_string(number)), std::nullopt, std::nullopt};
    incident.attributes = {{"days", std::int64_t{2}}};
    for (;;) {
      // Two at once of one customer may have to be decided again.
      const auto decided = co_await use_cases_.incidents.Report(incident, {}, Soon());
      if (decided.ok()) {
        KULANZ_CHECK(decided->code.has_value(), "every report is granted here");
        codes_[static_cast<std::size_t>(number)] = decided->code->Reveal();
        co_return;
      }
      KULANZ_CHECK(decided.status().code() == Code::kUnavailable, "no other failure");
    }
  }
  template <typename Work>
  Task<void> Worker(std::atomic<int>& next, int end, Work work) {
    for (int number = 0; (number = next.fetch_add(1)) < end;) {
      co_await work(number);
    }
  }
  template <typename Work>
  void ForEach(int begin, int end, Work work) {
    std::atomic<int> next{begin};
    std::mutex mutex;
    std::condition_variable ended;
    int running = kAtOnce;
    for (int worker = 0; worker < kAtOnce; ++worker) {
      SpawnThen(Worker(next, end, work), [&] {
        const std::lock_guard lock(mutex);
        --running;
        ended.notify_all();
      });
    }
    std::unique_lock lock(mutex);
    ended.wait(lock, [&] { return running == 0; });
  }
  template <typename Call>
  std::vector<double> Time(Call call) const {
    std::vector<double> micros;
    std::uint64_t random = 1;
    for (int timed = 0; timed < kTimed; ++timed) {
      random = random * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
      // Above those that are redeemed.
      const int unused = granted_ - 2 * kTimed;
      const int number =
          2 * kTimed + static_cast<int>((random >> 33U) % static_cast<std::uint64_t>(unused));
      const auto start = Clock::now();
      KULANZ_CHECK(call(number), "no call may fail here");
      micros.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
    }
    std::sort(micros.begin(), micros.end());
    return micros;
  }

  rpc::UseCases use_cases_;
  const Instant occurred_;
  int customers_ = 0;
  int granted_ = 0;
  int redeemed_ = 0;
  std::vector<std::string> codes_;
};

void PrintLatency(const char* what, int vouchers, const std::vector<double>& micros) {
  std::printf("%-9s among %8d vouchers: p50 %6.0f us, p99 %6.0f us\n", what, vouchers,
              micros[micros.size() / 2], micros[micros.size() * 99 / 100]);
}

int Main(int argc, char** argv) {
  const int vouchers = argc > 1 ? std::atoi(argv[1]) : 1'000'000;
  const int few = argc > 2 ? std::atoi(argv[2]) : 10'000;
  KULANZ_CHECK(few > 2 * kTimed && few < vouchers, "numbers that can be timed");
  std::string directory =
      (std::filesystem::temp_directory_path() / "vouchers-bench-XXXXXX").string();
  KULANZ_CHECK(mkdtemp(directory.data()) != nullptr, "a temporary directory");
  ports::NullLog log;
  ports::NullTelemetry telemetry;
  redis::EmbeddedRedis::Options embedded;
  embedded.directory = directory + "/redis";
  auto server = redis::EmbeddedRedis::Start(embedded, log);
  KULANZ_CHECK(server.ok(), "redis-server starts");
  redis::RedisOptions options;
  options.address = (*server)->address();
  KULANZ_CHECK(redis::Initialise({options.address, {"bench", 256}}).ok(), "an empty database");
  auto store = redis::RedisStore::Open(options, log, telemetry, Soon());
  KULANZ_CHECK(store.ok(), "the store opens");

  adapters::SystemEntropy entropy;
  KULANZ_CHECK(wiring::CreateSecrets(directory + "/secrets", entropy).ok(), "new secrets");
  auto secrets = wiring::LoadSecrets(directory + "/secrets");
  KULANZ_CHECK(secrets.ok(), "the secrets that were just written");
  app::PolicyHolder policies;
  policies.Replace(policy::LoadPolicySet(Policies()).policies);
  KULANZ_CHECK(policies.Current() != nullptr, "the policy is right");
  InstantPost post;
  server::ApplicationParts parts{.store = **store,
                                 .messenger = &post,
                                 .entropy = entropy,
                                 .telemetry = telemetry,
                                 .log = log,
                                 .secrets = **secrets,
                                 .policies = policies,
                                 .intake = {},
                                 .deliver_at_once = true,
                                 .courier = {},
                                 .budgets = {}};
  {
    server::Application application(parts);
    Bench bench(application.use_cases(), *(*store)->Now() - std::chrono::minutes(1));
    bench.AddCustomers(few / kVouchersPerCustomer);
    bench.Grant(few);
    post.AwaitSent(few);
    const auto few_validated = bench.TimeValidate();
    const auto few_redeemed = bench.TimeRedeem();
    PrintLatency("validate", few, few_validated);
    PrintLatency("redeem", few, few_redeemed);

    const std::int64_t before = UsedMemory(options.address);
    const int customers = vouchers / kVouchersPerCustomer - few / kVouchersPerCustomer;
    bench.AddCustomers(vouchers / kVouchersPerCustomer);
    const std::int64_t with_customers = UsedMemory(options.address);
    bench.Grant(vouchers);
    post.AwaitSent(vouchers);
    const std::int64_t with_vouchers = UsedMemory(options.address);
    std::printf(
        "memory: %.0f bytes per customer, %.0f bytes per voucher (of Redis, at %d vouchers)\n",
        static_cast<double>(with_customers - before) / customers,
        static_cast<double>(with_vouchers - with_customers) / (vouchers - few), vouchers);

    const auto validated = bench.TimeValidate();
    const auto redeemed = bench.TimeRedeem();
    PrintLatency("validate", vouchers, validated);
    PrintLatency("redeem", vouchers, redeemed);
    std::printf("ratio of the medians: validate %.2f, redeem %.2f\n",
                validated[kTimed / 2] / few_validated[kTimed / 2],
                redeemed[kTimed / 2] / few_redeemed[kTimed / 2]);
    application.Stop(Soon());
  }
  store->reset();
  server->reset();
  std::filesystem::remove_all(directory);
  return 0;
}

}  // namespace
}  // namespace kulanz

int main(int argc, char** argv) { return kulanz::Main(argc, argv); }
