// The benchmark's own servers: `kulanz-bench serve null|pipeline`.
#pragma once

#include <string>

namespace kulanz::bench {

// Serves until SIGTERM; writes the chosen port as "grpc=<port>\n" to `port_file`. `redis_url` is for the
// pipeline. Returns the exit code.
int Serve(const std::string& kind, const std::string& redis_url, const std::string& port_file);

}  // namespace kulanz::bench
