// The file that says on which ports a server listens that was told to take free ones.
#pragma once

#include <string>

#include "service/base/status.h"

namespace kulanz::server {

// "grpc=50051\nmetrics=9464\n"; a port that is not listened on is 0. The whole file or none, as whoever waits for it
// must not read half of it.
//   FAILED_PRECONDITION / PORT_FILE
Status WritePortFile(const std::string& path, int grpc_port, int metrics_port);

}  // namespace kulanz::server
