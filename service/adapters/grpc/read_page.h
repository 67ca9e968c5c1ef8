// ReadPage: which page of a list is asked for, as every List method does (AIP-158).
//
// Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "service/adapters/grpc/field_reader.h"

namespace kulanz::rpc {

struct AskedPage {
  std::uint32_t size = 0;  // 0: as many as the list gives by default
  std::string token;       // empty: from the beginning
};

// Notes a size below zero, and a token longer than any of ours is.
template <typename Message>
AskedPage ReadPage(FieldReader& reader, const Message& message, std::size_t token_bytes_max = 512) {
  if (message.page_size() < 0) {
    reader.Violate(kRequest.Field("page_size"), "is negative");
  }
  reader.CheckText(kRequest.Field("page_token"), message.page_token(), 0, token_bytes_max);
  return {static_cast<std::uint32_t>(message.page_size()), message.page_token()};
}

}  // namespace kulanz::rpc
