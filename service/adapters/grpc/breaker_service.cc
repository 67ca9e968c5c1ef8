#include "service/adapters/grpc/breaker_service.h"

#include <google/protobuf/util/time_util.h>

#include <optional>
#include <string>
#include <utility>

#include "service/adapters/grpc/field_reader.h"
#include "service/adapters/grpc/read_page.h"
#include "service/adapters/grpc/read_request.h"
#include "service/adapters/grpc/wire.h"
#include "service/adapters/grpc/write_messages.h"

namespace kulanz::rpc {
namespace {

constexpr std::size_t kNameBytesMax = 80;  // a prefix and a name of 64

// Nothing where no sum was counted.
std::optional<Money> MoneyOf(const std::string& currency, std::int64_t minor_units) {
  const auto known = Currency::FromCode(currency);
  return known ? Money::FromMinorUnits(minor_units, *known) : std::nullopt;
}

void WriteLimits(const policy::BreakerRule& rule, v1::Breaker::Limits& out) {
  if (rule.gestures) {
    out.set_gestures(*rule.gestures);
  }
  if (rule.amount) {
    Write(*rule.amount, *out.mutable_amount());
  }
  *out.mutable_within() = google::protobuf::util::TimeUtil::MillisecondsToDuration(
      std::chrono::milliseconds(rule.within).count());
}

void WriteHeld(const app::HeldSummary& held, v1::Breaker::Held& out) {
  out.set_cases(static_cast<std::int64_t>(held.cases));
  for (const auto& [currency, minor_units] : held.amounts) {
    if (const auto money = MoneyOf(currency, minor_units)) {
      Write(*money, *out.add_amounts());
    }
  }
  if (held.oldest) {
    Write(*held.oldest, *out.mutable_oldest_time());
  }
}

void WriteRelease(const app::BreakerRelease& release, v1::Breaker::Release& out) {
  out.set_request_id(release.request_id);
  Write(release.at, *out.mutable_release_time());
  out.set_per_minute(static_cast<std::int32_t>(release.per_minute));
  out.set_dismiss(release.dismiss);
  out.set_done(release.done);
}

void WriteBreaker(const app::BreakerView& view, v1::Breaker& out) {
  const app::StoredBreaker& stored = view.stored;
  out.set_name(stored.name);
  out.set_tripped(stored.trip.has_value());
  if (stored.trip) {
    v1::Breaker::Trip& trip = *out.mutable_trip();
    Write(stored.trip->at, *trip.mutable_trip_time());
    trip.set_gestures(stored.trip->counted.gestures);
    if (const auto sum = MoneyOf(stored.currency, stored.trip->counted.minor_units)) {
      Write(*sum, *trip.mutable_amount());
    }
  }
  if (view.rule) {
    WriteLimits(*view.rule, *out.mutable_limits());
    out.set_counted_gestures(view.counted.gestures);
    if (const auto sum = MoneyOf(stored.currency, view.counted.minor_units)) {
      Write(*sum, *out.mutable_counted_amount());
    }
  }
  if (view.held) {
    WriteHeld(*view.held, *out.mutable_held());
  }
  if (stored.release) {
    WriteRelease(*stored.release, *out.mutable_release());
  }
}

std::string ReadName(FieldReader& reader, const std::string& name) {
  reader.CheckText(kRequest.Field("name"), name, 1, kNameBytesMax);
  return name;
}

template <typename Message>
Result<app::BreakerReleaseCommand> ReadRelease(const grpc::ByteBuffer& request, bool dismiss) {
  return ReadRequest<Message>(request, [dismiss](FieldReader& reader, const Message& message) {
    app::BreakerReleaseCommand command;
    command.breaker = ReadName(reader, message.name());
    reader.CheckText(kRequest.Field("request_id"), message.request_id(), 1, kIdBytesMax);
    command.request_id = message.request_id();
    const std::int32_t rate = message.per_minute();
    if (rate < 1 || rate > static_cast<std::int32_t>(app::kReleasePerMinuteMax)) {
      reader.Violate(kRequest.Field("per_minute"), "is not between 1 and 60000");
    } else {
      command.per_minute = static_cast<std::uint32_t>(rate);
    }
    command.dismiss = dismiss;
    return command;
  });
}

grpc::ByteBuffer ToBytes(const app::BreakerView& view) {
  ArenaLease arena;
  auto& message = arena.Make<v1::Breaker>();
  WriteBreaker(view, message);
  return SerializeMessage(message);
}

}  // namespace

grpc::ServerUnaryReactor* BreakerService::ListBreakers(Context* context, const Bytes* request,
                                                       Bytes* response) {
  return Serve(*context, "ListBreakers",
               [=, this](Call& call) { return List(call, *request, *response); });
}

Task<Status> BreakerService::List(Call& call, const Bytes& request, Bytes& response) {
  auto asked = ReadRequest<v1::ListBreakersRequest>(
      request, [](FieldReader& reader, const auto& message) { return ReadPage(reader, message); });
  if (!asked.ok()) {
    co_return asked.status();
  }
  const auto page =
      co_await use_cases_.breakers.List(asked->size, std::move(asked->token), call.deadline);
  if (!page.ok()) {
    co_return page.status();
  }
  ArenaLease arena;
  auto& message = arena.Make<v1::ListBreakersResponse>();
  for (const app::BreakerView& view : page->breakers) {
    WriteBreaker(view, *message.add_breakers());
  }
  message.set_next_page_token(page->next_page_token);
  response = SerializeMessage(message);
  co_return Status::Ok();
}

grpc::ServerUnaryReactor* BreakerService::GetBreaker(Context* context, const Bytes* request,
                                                     Bytes* response) {
  return Serve(*context, "GetBreaker",
               [=, this](Call& call) { return Get(call, *request, *response); });
}

Task<Status> BreakerService::Get(Call& call, const Bytes& request, Bytes& response) {
  auto name = ReadRequest<v1::GetBreakerRequest>(
      request,
      [](FieldReader& reader, const auto& message) { return ReadName(reader, message.name()); });
  if (!name.ok()) {
    co_return name.status();
  }
  const auto view = co_await use_cases_.breakers.Get(*std::move(name), call.deadline);
  if (!view.ok()) {
    co_return view.status();
  }
  response = ToBytes(*view);
  co_return Status::Ok();
}

grpc::ServerUnaryReactor* BreakerService::ReleaseBreaker(Context* context, const Bytes* request,
                                                         Bytes* response) {
  return Serve(*context, "ReleaseBreaker",
               [=, this](Call& call) { return Release(call, *request, *response); });
}

grpc::ServerUnaryReactor* BreakerService::DismissHeld(Context* context, const Bytes* request,
                                                      Bytes* response) {
  return Serve(*context, "DismissHeld",
               [=, this](Call& call) { return Dismiss(call, *request, *response); });
}

Task<Status> BreakerService::Release(Call& call, const Bytes& request, Bytes& response) {
  auto command = ReadRelease<v1::ReleaseBreakerRequest>(request, false);
  if (!command.ok()) {
    co_return command.status();
  }
  co_return co_await Begin(call, *std::move(command), response);
}

Task<Status> BreakerService::Dismiss(Call& call, const Bytes& request, Bytes& response) {
  auto command = ReadRelease<v1::DismissHeldRequest>(request, true);
  if (!command.ok()) {
    co_return command.status();
  }
  co_return co_await Begin(call, *std::move(command), response);
}

Task<Status> BreakerService::Begin(Call& call, app::BreakerReleaseCommand command,
                                   Bytes& response) {
  const auto view = co_await use_cases_.breakers.Release(std::move(command), call.deadline);
  if (!view.ok()) {
    co_return view.status();
  }
  call.subject = "breaker:" + view->stored.name;
  response = ToBytes(*view);
  co_return Status::Ok();
}

}  // namespace kulanz::rpc
