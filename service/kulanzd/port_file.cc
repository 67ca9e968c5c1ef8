#include "service/kulanzd/port_file.h"

#include <cstdio>

namespace kulanz::server {

Status WritePortFile(const std::string& path, int grpc_port, int metrics_port) {
  const std::string text =
      "grpc=" + std::to_string(grpc_port) + "\nmetrics=" + std::to_string(metrics_port) + "\n";
  const std::string temporary = path + ".new";
  std::FILE* file = std::fopen(temporary.c_str(), "we");
  bool ok = file != nullptr;
  ok = ok && std::fwrite(text.data(), 1, text.size(), file) == text.size();
  ok = file != nullptr && std::fclose(file) == 0 && ok;
  if (!ok || std::rename(temporary.c_str(), path.c_str()) != 0) {
    return Status(Code::kFailedPrecondition, "PORT_FILE", "cannot write the port file " + path);
  }
  return Status::Ok();
}

}  // namespace kulanz::server
