// kulanz breakers: what was too much at once: list, show, release, dismiss.
#include <array>
#include <cstdio>
#include <memory>
#include <random>
#include <string>

#include "google/protobuf/util/time_util.h"
#include "kulanz/v1/breaker_service.grpc.pb.h"
#include "service/domain/money.h"
#include "service/kulanz/server/messages.h"
#include "service/kulanz/server/service_caller.h"
#include "service/kulanz/verbs.h"

namespace kulanz::command {
namespace {

using google::protobuf::util::TimeUtil;

struct BreakersOptions {
  ServerAccess access;
  int timeout_ms = 10'000;
  std::string name;
  std::string request_id;
  int per_minute = 0;
};

using BreakerCaller = ServiceCaller<v1::BreakerService>;

std::string ToText(const google::type::Money& money) {
  const std::optional<Money> amount = ReadMoney(money);
  return amount ? amount->ToString() : money.currency_code();
}

void PrintBreaker(const v1::Breaker& breaker) {
  std::printf("%s  %s\n", breaker.name().c_str(),
              breaker.tripped() ? "tripped: what would be given goes to review" : "lets pass");
  if (breaker.has_trip()) {
    std::printf("  tripped %s with %lld gestures",
                TimeUtil::ToString(breaker.trip().trip_time()).c_str(),
                static_cast<long long>(breaker.trip().gestures()));
    if (breaker.trip().has_amount()) {
      std::printf(", %s", ToText(breaker.trip().amount()).c_str());
    }
    std::printf("\n");
  }
  if (breaker.has_limits()) {
    std::printf("  within %s: %lld gestures", TimeUtil::ToString(breaker.limits().within()).c_str(),
                static_cast<long long>(breaker.counted_gestures()));
    if (breaker.limits().has_gestures()) {
      std::printf(" of %lld", static_cast<long long>(breaker.limits().gestures()));
    }
    if (breaker.has_counted_amount() && breaker.limits().has_amount()) {
      std::printf(", %s of %s", ToText(breaker.counted_amount()).c_str(),
                  ToText(breaker.limits().amount()).c_str());
    }
    std::printf("\n");
  }
  std::printf("  holds %lld case%s", static_cast<long long>(breaker.held().cases()),
              breaker.held().cases() == 1 ? "" : "s");
  for (const google::type::Money& amount : breaker.held().amounts()) {
    std::printf(", %s", ToText(amount).c_str());
  }
  if (breaker.held().has_oldest_time()) {
    std::printf(", the oldest since %s", TimeUtil::ToString(breaker.held().oldest_time()).c_str());
  }
  std::printf("\n");
  if (breaker.has_release()) {
    std::printf("  %s %s, %d a minute%s\n", breaker.release().dismiss() ? "dismissed" : "released",
                TimeUtil::ToString(breaker.release().release_time()).c_str(),
                breaker.release().per_minute(), breaker.release().done() ? ", done" : "");
  }
}

bool Show(BreakerCaller& caller, const std::string& name) {
  v1::GetBreakerRequest request;
  request.set_name(name);
  v1::Breaker breaker;
  if (!caller.Call(&v1::BreakerService::Stub::GetBreaker, request, breaker)) {
    return false;
  }
  PrintBreaker(breaker);
  return true;
}

int RunListBreakers(const BreakersOptions& options) {
  BreakerCaller caller(options.access, options.timeout_ms);
  if (!caller.connected()) {
    return kExitProblems;
  }
  v1::ListBreakersRequest request;
  int count = 0;
  do {
    v1::ListBreakersResponse response;
    if (!caller.Call(&v1::BreakerService::Stub::ListBreakers, request, response)) {
      return kExitProblems;
    }
    for (const v1::Breaker& breaker : response.breakers()) {
      if (!Show(caller, breaker.name())) {
        return kExitProblems;
      }
      ++count;
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  std::printf("%d breaker%s tripped or being released\n", count, count == 1 ? " is" : "s are");
  return kExitClean;
}

int RunShow(const BreakersOptions& options) {
  BreakerCaller caller(options.access, options.timeout_ms);
  return caller.connected() && Show(caller, options.name) ? kExitClean : kExitProblems;
}

std::string RandomId() {
  std::random_device device;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "cli-%08x%08x", device(), device());
  return text.data();
}

template <typename Request>
int RunRelease(const BreakersOptions& options,
               grpc::Status (v1::BreakerService::Stub::*method)(grpc::ClientContext*,
                                                                const Request&, v1::Breaker*)) {
  BreakerCaller caller(options.access, options.timeout_ms);
  if (!caller.connected()) {
    return kExitProblems;
  }
  Request request;
  request.set_name(options.name);
  request.set_request_id(options.request_id.empty() ? RandomId() : options.request_id);
  request.set_per_minute(options.per_minute);
  v1::Breaker breaker;
  if (!caller.Call(method, request, breaker)) {
    std::fprintf(stderr, "to repeat the same: --request-id %s\n", request.request_id().c_str());
    return kExitProblems;
  }
  PrintBreaker(breaker);
  return kExitClean;
}

void AddRate(CLI::App& verb, BreakersOptions& options) {
  verb.add_option("BREAKER", options.name, "as 'list' names it, type/late_delivery")->required();
  verb.add_option("--per-minute", options.per_minute, "cases a minute, 1 to 60000")->required();
  verb.add_option("--request-id", options.request_id,
                  "of this release; the same again changes nothing (default: a new one)");
}

}  // namespace

void AddBreakers(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<BreakersOptions>();
  CLI::App& verb =
      *app.add_subcommand("breakers", "What was too much at once: list, release, dismiss");
  verb.require_subcommand(1)->fallthrough();
  AddServerAccess(verb, options->access);
  verb.add_option("--timeout-ms", options->timeout_ms, "for each call")->capture_default_str();
  verb.add_subcommand("list", "Breakers that have tripped or are being released: what they hold")
      ->callback([options, &exit_code] { exit_code = RunListBreakers(*options); });
  CLI::App& show = *verb.add_subcommand("show", "One breaker, whether it has tripped or not");
  show.add_option("BREAKER", options->name, "type/late_delivery or policy/late-delivery")
      ->required();
  show.callback([options, &exit_code] { exit_code = RunShow(*options); });
  CLI::App& release =
      *verb.add_subcommand("release", "Let gestures pass again, and decide what is held");
  AddRate(release, *options);
  release.callback([options, &exit_code] {
    exit_code =
        RunRelease<v1::ReleaseBreakerRequest>(*options, &v1::BreakerService::Stub::ReleaseBreaker);
  });
  CLI::App& dismiss =
      *verb.add_subcommand("dismiss", "Let gestures pass again, and deny what is held, for good");
  AddRate(dismiss, *options);
  dismiss.callback([options, &exit_code] {
    exit_code =
        RunRelease<v1::DismissHeldRequest>(*options, &v1::BreakerService::Stub::DismissHeld);
  });
}

}  // namespace kulanz::command
