#include "service/adapters/grpc/reflection_service.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <chrono>
#include <set>

namespace kulanz::rpc {
namespace {

namespace pb = google::protobuf;
using grpc::reflection::v1alpha::FileDescriptorResponse;
using grpc::reflection::v1alpha::ServerReflection;
using grpc::reflection::v1alpha::ServerReflectionRequest;
using grpc::reflection::v1alpha::ServerReflectionResponse;

// One stream: reads a question, writes its answer, reads the next. Deletes itself when gRPC is done with it.
// Only one reaction is under way at a time, so nothing is locked.
class ReflectionStream final
    : public grpc::ServerBidiReactor<ServerReflectionRequest, ServerReflectionResponse> {
 public:
  ReflectionStream(const std::vector<std::string>& services, CallPipeline& pipeline,
                   grpc::CallbackServerContext& context)
      : services_(services),
        pipeline_(pipeline),
        call_(FindMethod(ServerReflection::service_full_name(), "ServerReflectionInfo"), context) {
    Status status = pipeline_.Open(call_);
    if (status.ok()) {
      StartRead(&request_);
    } else {
      End(status);
    }
  }

 private:
  void OnReadDone(bool ok) override {
    if (!ok) {
      End(Status::Ok());
      return;
    }
    const auto start = std::chrono::steady_clock::now();
    if (Status status = pipeline_.EnterMessage(call_); !status.ok()) {
      pipeline_.MessageFinished(call_, status, start);
      End(status);
      return;
    }
    response_.Clear();
    Answer();
    pipeline_.LeaveMessage(call_, Status::Ok(), start);
    pipeline_.MessageFinished(call_, Status::Ok(), start);
    StartWrite(&response_);
  }

  void OnWriteDone(bool ok) override {
    if (ok) {
      StartRead(&request_);
    } else {
      End(Status::Ok());
    }
  }

  void OnDone() override { delete this; }

  void End(const Status& status) {
    pipeline_.Close(call_, status);
    Finish(ToGrpc(status, call_.context));
  }

  void Answer() {
    response_.set_valid_host(request_.host());
    *response_.mutable_original_request() = request_;
    const pb::DescriptorPool& pool = *pb::DescriptorPool::generated_pool();
    switch (request_.message_request_case()) {
      case ServerReflectionRequest::kListServices:
        for (const std::string& service : services_) {
          response_.mutable_list_services_response()->add_service()->set_name(service);
        }
        return;
      case ServerReflectionRequest::kFileByFilename:
        AnswerFile(pool.FindFileByName(request_.file_by_filename()));
        return;
      case ServerReflectionRequest::kFileContainingSymbol:
        AnswerFile(pool.FindFileContainingSymbol(request_.file_containing_symbol()));
        return;
      case ServerReflectionRequest::kFileContainingExtension: {
        const auto& asked = request_.file_containing_extension();
        const pb::Descriptor* type = pool.FindMessageTypeByName(asked.containing_type());
        const pb::FieldDescriptor* field =
            type == nullptr ? nullptr : pool.FindExtensionByNumber(type, asked.extension_number());
        AnswerFile(field == nullptr ? nullptr : field->file());
        return;
      }
      case ServerReflectionRequest::kAllExtensionNumbersOfType:
        AnswerExtensions(pool);
        return;
      case ServerReflectionRequest::MESSAGE_REQUEST_NOT_SET:
        Fail(Code::kInvalidArgument, "a question is missing");
        return;
    }
  }

  void AnswerExtensions(const pb::DescriptorPool& pool) {
    const pb::Descriptor* type =
        pool.FindMessageTypeByName(request_.all_extension_numbers_of_type());
    if (type == nullptr) {
      Fail(Code::kNotFound, "there is no such message");
      return;
    }
    auto& answer = *response_.mutable_all_extension_numbers_response();
    answer.set_base_type_name(type->full_name());
    std::vector<const pb::FieldDescriptor*> extensions;
    pool.FindAllExtensions(type, &extensions);
    for (const pb::FieldDescriptor* extension : extensions) {
      answer.add_extension_number(extension->number());
    }
  }

  void AnswerFile(const pb::FileDescriptor* file) {
    if (file == nullptr) {
      Fail(Code::kNotFound, "there is no such file or symbol");
      return;
    }
    auto& answer = *response_.mutable_file_descriptor_response();
    sent_.erase(file->name());  // What is asked for by itself is sent again.
    AddWithImports(*file, answer);
  }

  void AddWithImports(const pb::FileDescriptor& file, FileDescriptorResponse& answer) {
    if (!sent_.insert(file.name()).second) {
      return;
    }
    pb::FileDescriptorProto description;
    file.CopyTo(&description);
    answer.add_file_descriptor_proto(description.SerializeAsString());
    for (int i = 0; i < file.dependency_count(); ++i) {
      AddWithImports(*file.dependency(i), answer);
    }
  }

  void Fail(Code code, const char* message) {
    auto& error = *response_.mutable_error_response();
    error.set_error_code(static_cast<int>(code));
    error.set_error_message(message);
  }

  const std::vector<std::string>& services_;
  CallPipeline& pipeline_;
  Call call_;
  std::set<std::string> sent_;
  ServerReflectionRequest request_;
  ServerReflectionResponse response_;
};

}  // namespace

grpc::ServerBidiReactor<ServerReflectionRequest, ServerReflectionResponse>*
ReflectionService::ServerReflectionInfo(grpc::CallbackServerContext* context) {
  return new ReflectionStream(services_, pipeline_, *context);
}

}  // namespace kulanz::rpc
