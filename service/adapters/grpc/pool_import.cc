#include "service/adapters/grpc/pool_import.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kulanz/v1/pool_service.pb.h"
#include "service/adapters/grpc/caller.h"
#include "service/adapters/grpc/errors.h"
#include "service/adapters/grpc/message_reader.h"
#include "service/adapters/grpc/stopping.h"
#include "service/adapters/grpc/wire.h"
#include "service/domain/pool_code.h"

namespace kulanz::rpc {
namespace {

constexpr std::size_t kPoolNameBytesMax = 64;
constexpr int kWholeMessage = -1;
// An import has one pool, or a few; in the audit log no more of them are named.
constexpr std::size_t kSubjectPoolsMax = 16;

struct CodesItem {
  std::string pool;
  std::vector<PoolCode> codes;
  std::vector<int> positions;  // of `codes` in the message
  std::vector<std::pair<int, Status>> refused;
};

Status NoCode(int position) {
  return Status::Invalid(
      {{"codes[" + std::to_string(position) + "]",
        "must have " + std::to_string(PoolCode::kBytesMin) + " to " +
            std::to_string(PoolCode::kBytesMax) + " printable ASCII characters without spaces"}});
}

CodesItem ReadCodesItem(const grpc::ByteBuffer& bytes) {
  CodesItem item;
  ArenaLease arena;
  auto& message = arena.Make<v1::ImportPoolCodesRequest>();
  if (Status status = ParseMessage(bytes, message); !status.ok()) {
    item.refused.emplace_back(kWholeMessage, status);
    return item;
  }
  FieldReader reader;
  item.pool = ReadPoolName(reader, kRequest.Field("pool"), message.pool());
  if (message.codes().empty() || message.codes_size() > kPoolCodesPerMessageMax) {
    reader.Violate(kRequest.Field("codes"),
                   "must have 1 to " + std::to_string(kPoolCodesPerMessageMax) + " entries");
  }
  if (!reader.ok()) {
    item.refused.emplace_back(kWholeMessage, Status::Invalid(reader.Take()));
    return item;
  }
  for (int i = 0; i < message.codes_size(); ++i) {
    if (auto code = PoolCode::Parse(message.codes(i))) {
      item.codes.push_back(*std::move(code));
      item.positions.push_back(i);
    } else {
      item.refused.emplace_back(i, NoCode(i));
    }
  }
  return item;
}

void Reject(std::int64_t message_index, int code_index, const Status& status,
            v1::ImportPoolCodesResponse& summary) {
  summary.set_rejected(summary.rejected() + 1);
  if (summary.rejections_size() < kPoolRejectionsMax) {
    v1::PoolCodeRejection& rejection = *summary.add_rejections();
    rejection.set_message_index(message_index);
    rejection.set_code_index(code_index);
    ToProto(status, *rejection.mutable_error());
  }
}

// Tells the audit log which pools an import has gone into, each once.
class PoolSubjects {
 public:
  explicit PoolSubjects(std::string& subject) : subject_(subject) {}

  // `pool` is the name of a pool.
  void Add(const std::string& pool) {
    if (more_ || std::find(names_.begin(), names_.end(), pool) != names_.end()) {
      return;
    }
    if (names_.size() == kSubjectPoolsMax) {
      more_ = true;
      subject_ += ", and more";
      return;
    }
    subject_ += (names_.empty() ? "pool:" : ", pool:") + pool;
    names_.push_back(pool);
  }

 private:
  std::string& subject_;
  std::vector<std::string> names_;
  bool more_ = false;  // than are named
};

Task<Status> ImportCodes(const UseCases& use_cases, CodesItem& item, Deadline deadline,
                         v1::ImportPoolCodesResponse& summary) {
  std::string pool = item.pool;
  std::vector<PoolCode> codes = std::move(item.codes);
  const Result<app::ImportedCodes> imported =
      co_await use_cases.pools.Import(std::move(pool), std::move(codes), deadline);
  if (!imported.ok()) {
    co_return imported.status();
  }
  summary.set_added(summary.added() + static_cast<std::int64_t>(imported->added));
  summary.set_already_known(summary.already_known() + static_cast<std::int64_t>(imported->known));
  for (const std::size_t at : imported->elsewhere) {
    item.refused.emplace_back(item.positions[at],
                              Status(Code::kAlreadyExists, "CODE_IN_OTHER_POOL",
                                     "another pool has this code, and it may be given once only"));
  }
  co_return Status::Ok();
}

}  // namespace

std::string ReadPoolName(FieldReader& reader, const FieldPath& path, const std::string& text) {
  const bool good = !text.empty() && text.size() <= kPoolNameBytesMax && text[0] >= 'a' &&
                    text[0] <= 'z' && std::all_of(text.begin(), text.end(), [](char c) {
                      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
                    });
  if (!good) {
    reader.Violate(path,
                   "must be a pool's name: small letters, digits and dashes, begins with a "
                   "letter, 1 to 64");
  }
  return text;
}

Task<Status> ImportPool(const UseCases& use_cases, CallPipeline& pipeline, Call& call,
                        MessageReader& reader, grpc::ByteBuffer& response) {
  KULANZ_CO_RETURN_IF_ERROR(RequireTrust(use_cases.trust, call.caller));
  v1::ImportPoolCodesResponse summary;
  PoolSubjects subjects(call.subject);
  for (std::int64_t index = 0;; ++index) {
    const std::optional<grpc::ByteBuffer> bytes = co_await reader.Next();
    if (!bytes && reader.is_stopped()) {
      co_return ImportStopped(index);
    }
    if (!bytes) {
      response = SerializeMessage(summary);
      co_return Status::Ok();
    }
    const Deadline start = std::chrono::steady_clock::now();
    KULANZ_CO_RETURN_IF_ERROR(pipeline.EnterMessage(call));
    CodesItem item = ReadCodesItem(*bytes);
    Status status;
    if (!item.codes.empty()) {  // So the name was good; a refused one may be a code.
      subjects.Add(item.pool);  // Before the import: one that fails may have added some.
      const Deadline deadline = DeadlineOf(call.context);
      status = co_await ImportCodes(use_cases, item, deadline, summary);
    }
    pipeline.LeaveMessage(call, status, start);
    KULANZ_CO_RETURN_IF_ERROR(status);
    std::stable_sort(item.refused.begin(), item.refused.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [code_index, refusal] : item.refused) {
      Reject(index, code_index, refusal, summary);
    }
  }
}

}  // namespace kulanz::rpc
