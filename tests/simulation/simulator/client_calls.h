// How every client calls: the templates of Clients, for the files that hold its calls.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "tests/simulation/simulator/clients.h"

namespace kulanz::simulation {

template <typename T>
Task<Clients::Told<T>> Clients::Ask(Call<T> call) {
  SimWorld& world = cluster_.world();
  SimServer& server = cluster_.Any();
  const int stops = server.stops();
  const bool stood_still = server.process().stopped();
  Told<T> told;
  told.attempt.asked = world.now();
  auto value = std::make_shared<std::optional<Result<T>>>();
  auto start = [&](auto resume) {
    const std::uint64_t wait =
        process_.Expect([value, resume](bool) { resume(std::exchange(*value, std::nullopt)); });
    const auto answered = [this, &server, value, wait](Result<T> result) {
      --server.calls_under_way;
      if (!server.process().dead()) {
        value->emplace(std::move(result));
      }
      process_.Arrive(wait);
    };
    ++server.calls_under_way;
    const std::uint64_t arrival = server.process().Expect([=, this, &server](bool died) {
      if (died) {
        process_.Arrive(wait);
      } else {
        SpawnThen(call(server, server.process().Now() + kDeadline), answered);
      }
    });
    world.After(Duration{world.random().Between(0, 3)},
                [&server, arrival] { server.process().Arrive(arrival); });
    world.After(kPatience, [this, wait] { process_.Arrive(wait); });
  };
  auto answer = Complete<std::optional<Result<T>>>(start);
  std::optional<Result<T>> result = co_await answer;
  told.attempt.answered = world.now();
  const bool late = !result && !server.process().dead() && !stood_still && server.stops() == stops;
  if (late && !process_.dead()) {
    journal_.unanswered = server.name() + " gave no answer within its deadline";
  }
  if (!result || world.random().Chance(plan_.connections_lost)) {
    told.attempt.connection_lost = true;
  } else {
    told.attempt.status = result->status();
    if (result->ok()) {
      told.value = **std::move(result);
    }
  }
  co_return told;
}

template <typename T>
Task<std::optional<T>> Clients::AskOn(Call<T> call, std::string what) {
  for (bool again = true; again;) {
    Told<T> told = co_await Ask<T>(call);
    if (!told.attempt.IsUnknown()) {
      cluster_.trace().Note(what + " -> " + OutcomeOf(told.attempt));
      co_return std::move(told.value);
    }
    again = co_await TriesAgain(told.attempt, 1, 0);
  }
  co_return std::nullopt;
}

}  // namespace kulanz::simulation
