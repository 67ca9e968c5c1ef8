// ReflectionService: grpc.reflection.v1alpha over the messages that are compiled in. Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"
#include "service/adapters/grpc/call_pipeline.h"

namespace kulanz::rpc {

class ReflectionService final
    : public grpc::reflection::v1alpha::ServerReflection::CallbackService {
 public:
  // `services`: full names of those that this server has. `pipeline` outlives this.
  ReflectionService(std::vector<std::string> services, CallPipeline& pipeline)
      : services_(std::move(services)), pipeline_(pipeline) {}

  grpc::ServerBidiReactor<grpc::reflection::v1alpha::ServerReflectionRequest,
                          grpc::reflection::v1alpha::ServerReflectionResponse>*
  ServerReflectionInfo(grpc::CallbackServerContext* context) override;

 private:
  const std::vector<std::string> services_;
  CallPipeline& pipeline_;
};

}  // namespace kulanz::rpc
