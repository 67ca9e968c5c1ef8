#include "service/adapters/grpc/letter_service.h"

#include <string>
#include <utility>

#include "service/adapters/grpc/field_reader.h"
#include "service/adapters/grpc/read_page.h"
#include "service/adapters/grpc/read_request.h"
#include "service/adapters/grpc/wire.h"
#include "service/adapters/grpc/write_messages.h"

namespace kulanz::rpc {
namespace {

constexpr std::size_t kLetterIdBytes = 37;

template <typename Message>
Result<std::string> ReadLetterId(const grpc::ByteBuffer& bytes) {
  return ReadRequest<Message>(bytes, [](FieldReader& reader, const auto& message) {
    reader.CheckText(kRequest.Field("letter_id"), message.letter_id(), 1, kLetterIdBytes);
    return message.letter_id();
  });
}

void WriteLetter(const app::Letter& letter, v1::Letter& out) {
  out.set_letter_id(letter.id);
  out.set_incident_id(letter.incident.text());
  out.set_revision(letter.revision);
  out.set_customer_id(letter.customer.text());
  out.set_policy(letter.policy.text());
  out.set_message(letter.message);
  Write(letter.delivery, *out.mutable_delivery());
  out.set_explanation(letter.explanation);
  Write(letter.decided_at, *out.mutable_decided_at());
}

Status AnswerWithLetter(const Result<app::Letter>& letter, grpc::ByteBuffer& response) {
  if (!letter.ok()) {
    return letter.status();
  }
  ArenaLease arena;
  auto& message = arena.Make<v1::Letter>();
  WriteLetter(*letter, message);
  response = SerializeMessage(message);
  return Status::Ok();
}

}  // namespace

grpc::ServerUnaryReactor* LetterService::ListDeadLetters(Context* context, const Bytes* request,
                                                         Bytes* response) {
  return Serve(*context, "ListDeadLetters",
               [=, this](Call& call) { return List(call, *request, *response); });
}

Task<Status> LetterService::List(Call& call, const Bytes& request, Bytes& response) {
  auto asked = ReadRequest<v1::ListDeadLettersRequest>(
      request, [](FieldReader& reader, const auto& message) { return ReadPage(reader, message); });
  if (!asked.ok()) {
    co_return asked.status();
  }
  const Result<app::LetterPage> page =
      co_await use_cases_.letters.ListDead(asked->size, std::move(asked->token), call.deadline);
  if (!page.ok()) {
    co_return page.status();
  }
  ArenaLease arena;
  auto& message = arena.Make<v1::ListDeadLettersResponse>();
  for (const app::Letter& letter : page->letters) {
    WriteLetter(letter, *message.add_letters());
  }
  message.set_next_page_token(page->next_page_token);
  response = SerializeMessage(message);
  co_return Status::Ok();
}

grpc::ServerUnaryReactor* LetterService::GetLetter(Context* context, const Bytes* request,
                                                   Bytes* response) {
  return Serve(*context, "GetLetter",
               [=, this](Call& call) { return Get(call, *request, *response); });
}

Task<Status> LetterService::Get(Call& call, const Bytes& request, Bytes& response) {
  auto id = ReadLetterId<v1::GetLetterRequest>(request);
  if (!id.ok()) {
    co_return id.status();
  }
  const Result<app::Letter> letter = co_await use_cases_.letters.Get(*std::move(id), call.deadline);
  co_return AnswerWithLetter(letter, response);
}

grpc::ServerUnaryReactor* LetterService::ResendLetter(Context* context, const Bytes* request,
                                                      Bytes* response) {
  return Serve(*context, "ResendLetter",
               [=, this](Call& call) { return Resend(call, *request, *response); });
}

Task<Status> LetterService::Resend(Call& call, const Bytes& request, Bytes& response) {
  auto id = ReadLetterId<v1::ResendLetterRequest>(request);
  if (!id.ok()) {
    co_return id.status();
  }
  const Result<app::Letter> letter =
      co_await use_cases_.letters.Resend(*std::move(id), call.deadline);
  if (letter.ok()) {
    call.subject = "letter:" + letter->id;
  }
  co_return AnswerWithLetter(letter, response);
}

}  // namespace kulanz::rpc
