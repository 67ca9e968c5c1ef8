// kulanz events: the events that were told to nobody: list, resend.
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/util/time_util.h"
#include "kulanz/v1/event_service.grpc.pb.h"
#include "service/kulanz/server/service_caller.h"
#include "service/kulanz/verbs.h"

namespace kulanz::command {
namespace {

using google::protobuf::util::TimeUtil;

struct EventsOptions {
  ServerAccess access;
  int timeout_ms = 10'000;
  std::vector<std::string> names;
  bool all = false;
};

class EventCaller : public ServiceCaller<v1::EventService> {
 public:
  using ServiceCaller::ServiceCaller;

  // Everything on the list, page by page.
  template <typename Each>
  bool ForEach(Each each) {
    v1::ListDeadEventsRequest request;
    do {
      v1::ListDeadEventsResponse response;
      if (!Call(&v1::EventService::Stub::ListDeadEvents, request, response)) {
        return false;
      }
      for (const v1::DeadEvents& record : response.dead_events()) {
        each(record);
      }
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty());
    return true;
  }

  bool Resend(const std::string& name) {
    v1::ResendEventsRequest request;
    request.set_name(name);
    v1::DeadEvents answer;
    return Call(&v1::EventService::Stub::ResendEvents, request, answer);
  }
};

void PrintEvents(const v1::DeadEvents& record) {
  std::printf("%s  given up %s, kept until %s\n", record.name().c_str(),
              TimeUtil::ToString(record.given_up_at()).c_str(),
              TimeUtil::ToString(record.kept_until()).c_str());
  for (const v1::DeadEvent& event : record.events()) {
    std::printf("  %s  %s  %s", event.type().c_str(), TimeUtil::ToString(event.timestamp()).c_str(),
                event.event_id().c_str());
    if (event.breaker().empty()) {
      std::printf("  incident %s  customer %s", event.incident_id().c_str(),
                  event.customer_id().c_str());
    } else {
      std::printf("  breaker %s", event.breaker().c_str());
    }
    if (!event.voucher_id().empty()) {
      std::printf("  voucher %s", event.voucher_id().c_str());
    }
    std::printf("\n    %s after %u attempt%s: %s\n", event.reason().c_str(), event.attempts(),
                event.attempts() == 1 ? "" : "s", event.explanation().c_str());
  }
}

int RunListEvents(const EventsOptions& options) {
  EventCaller caller(options.access, options.timeout_ms);
  int count = 0;
  const bool done = caller.connected() && caller.ForEach([&count](const v1::DeadEvents& record) {
    count += record.events_size();
    PrintEvents(record);
  });
  if (!done) {
    return kExitProblems;
  }
  std::printf("%d dead event%s\n", count, count == 1 ? "" : "s");
  return kExitClean;
}

int RunResendEvents(const EventsOptions& options) {
  if (options.all == !options.names.empty()) {
    std::fprintf(stderr, "name the events as 'list' does, or say --all\n");
    return kExitUsage;
  }
  EventCaller caller(options.access, options.timeout_ms);
  if (!caller.connected()) {
    return kExitProblems;
  }
  std::vector<std::string> names = options.names;
  // Listed whole before any is told: one that dies again at once is not met twice.
  if (options.all &&
      !caller.ForEach([&names](const v1::DeadEvents& record) { names.push_back(record.name()); })) {
    return kExitProblems;
  }
  int exit_code = kExitClean;
  for (const std::string& name : names) {
    if (caller.Resend(name)) {
      std::printf("%s is told again\n", name.c_str());
    } else {
      exit_code = kExitProblems;
    }
  }
  return exit_code;
}

}  // namespace

void AddEvents(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<EventsOptions>();
  CLI::App& verb = *app.add_subcommand("events", "List and resend dead events");
  verb.require_subcommand(1)->fallthrough();
  AddServerAccess(verb, options->access);
  verb.add_option("--timeout-ms", options->timeout_ms, "for each call")->capture_default_str();
  verb.add_subcommand("list", "Every event that was given up: what, when, why, and what to do")
      ->callback([options, &exit_code] { exit_code = RunListEvents(*options); });
  CLI::App& resend =
      *verb.add_subcommand("resend", "Tell dead events again, under their ids, with new attempts");
  resend.add_option("EVENTS", options->names, "as 'list' names them, 36 digits");
  resend.add_flag("--all", options->all, "every dead event");
  resend.callback([options, &exit_code] { exit_code = RunResendEvents(*options); });
}

}  // namespace kulanz::command
