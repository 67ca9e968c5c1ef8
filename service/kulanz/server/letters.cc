// kulanz letters: the letters that reached nobody: list, explain, resend.
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/util/time_util.h"
#include "kulanz/v1/letter_service.grpc.pb.h"
#include "service/kulanz/server/service_caller.h"
#include "service/kulanz/verbs.h"

namespace kulanz::command {
namespace {

struct LettersOptions {
  ServerAccess access;
  int timeout_ms = 10'000;
  std::vector<std::string> ids;
  bool all = false;
};

class LetterCaller : public ServiceCaller<v1::LetterService> {
 public:
  using ServiceCaller::ServiceCaller;

  // Every dead letter, page by page.
  template <typename Each>
  bool ForEachDead(Each each) {
    v1::ListDeadLettersRequest request;
    do {
      v1::ListDeadLettersResponse response;
      if (!Call(&v1::LetterService::Stub::ListDeadLetters, request, response)) {
        return false;
      }
      for (const v1::Letter& letter : response.letters()) {
        each(letter);
      }
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty());
    return true;
  }
};

std::string TimeOf(const v1::Letter& letter) {
  return google::protobuf::util::TimeUtil::ToString(letter.delivery().updated_at());
}

int RunListLetters(const LettersOptions& options) {
  LetterCaller caller(options.access, options.timeout_ms);
  std::size_t count = 0;
  const bool done = caller.connected() && caller.ForEachDead([&count](const v1::Letter& letter) {
    ++count;
    std::printf("%s  %s  %s  incident %s  customer %s  %s  attempt %u\n",
                letter.letter_id().c_str(), TimeOf(letter).c_str(),
                letter.delivery().last_error().c_str(), letter.incident_id().c_str(),
                letter.customer_id().c_str(), letter.message().c_str(),
                letter.delivery().attempts());
  });
  if (!done) {
    return kExitProblems;
  }
  std::printf("%zu dead letter%s\n", count, count == 1 ? "" : "s");
  return kExitClean;
}

void PrintLetter(const v1::Letter& letter) {
  std::string state = v1::DeliveryState_Name(letter.delivery().state());
  state.erase(0, std::string("DELIVERY_STATE_").size());
  std::printf("%s\n  incident    %s, revision %u\n  customer    %s\n  policy      %s, message %s\n",
              letter.letter_id().c_str(), letter.incident_id().c_str(), letter.revision(),
              letter.customer_id().c_str(), letter.policy().c_str(), letter.message().c_str());
  std::printf("  state       %s since %s, after %u attempts\n", state.c_str(),
              TimeOf(letter).c_str(), letter.delivery().attempts());
  if (!letter.delivery().last_error().empty()) {
    std::printf("  last error  %s: %s\n", letter.delivery().last_error().c_str(),
                letter.explanation().c_str());
  }
}

int RunExplain(const LettersOptions& options) {
  LetterCaller caller(options.access, options.timeout_ms);
  if (!caller.connected()) {
    return kExitProblems;
  }
  int exit_code = kExitClean;
  for (const std::string& id : options.ids) {
    v1::GetLetterRequest request;
    request.set_letter_id(id);
    v1::Letter letter;
    if (caller.Call(&v1::LetterService::Stub::GetLetter, request, letter)) {
      PrintLetter(letter);
    } else {
      exit_code = kExitProblems;
    }
  }
  return exit_code;
}

int RunResendLetters(const LettersOptions& options) {
  if (options.all == !options.ids.empty()) {
    std::fprintf(stderr, "name the letters, or say --all\n");
    return kExitUsage;
  }
  LetterCaller caller(options.access, options.timeout_ms);
  if (!caller.connected()) {
    return kExitProblems;
  }
  std::vector<std::string> ids = options.ids;
  // Listed whole before any is sent: one that dies again at once is not met twice.
  if (options.all && !caller.ForEachDead(
                         [&ids](const v1::Letter& letter) { ids.push_back(letter.letter_id()); })) {
    return kExitProblems;
  }
  int exit_code = kExitClean;
  for (const std::string& id : ids) {
    v1::ResendLetterRequest request;
    request.set_letter_id(id);
    v1::Letter letter;
    if (caller.Call(&v1::LetterService::Stub::ResendLetter, request, letter)) {
      std::printf("%s is sent again\n", id.c_str());
    } else {
      exit_code = kExitProblems;
    }
  }
  return exit_code;
}

}  // namespace

void AddLetters(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<LettersOptions>();
  CLI::App& verb = *app.add_subcommand("letters", "List, explain and resend dead letters");
  verb.require_subcommand(1)->fallthrough();
  AddServerAccess(verb, options->access);
  verb.add_option("--timeout-ms", options->timeout_ms, "for each call")->capture_default_str();
  verb.add_subcommand("list", "Every letter that was given up: id, when, why, for whom")
      ->callback([options, &exit_code] { exit_code = RunListLetters(*options); });
  CLI::App& explain = *verb.add_subcommand("explain", "How far letters are, and what can be done");
  explain.add_option("LETTER", options->ids, "as 'list' names them")->required();
  explain.callback([options, &exit_code] { exit_code = RunExplain(*options); });
  CLI::App& resend = *verb.add_subcommand("resend", "Send dead letters again, with new attempts");
  resend.add_option("LETTER", options->ids, "as 'list' names them");
  resend.add_flag("--all", options->all, "every dead letter");
  resend.callback([options, &exit_code] { exit_code = RunResendLetters(*options); });
}

}  // namespace kulanz::command
