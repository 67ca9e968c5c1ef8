// RecordText: what stands at a key of the store, as JSON.
//
// Personal data and free text by people is left out unless it is asked for. Voucher codes stand in no record;
// codes of pools do, encrypted, and are shown so.
// Thread-safety: any thread; reads only.
#pragma once

#include <string>

#include "service/app/record_codec.h"
#include "service/base/result.h"
#include "service/ports/store.h"

namespace kulanz::command {

struct RecordTextOptions {
  bool show_pii = false;
  bool lines = false;  // over many lines, for people
};

// A payload that was opened, as JSON; the fields are those of proto/kulanz/record/v1. DATA_LOSS /
// RECORD_CORRUPT when it is not of its kind. A kind that this version cannot read gives its size.
Result<std::string> PayloadToJson(ports::RecordKind kind, const std::string& payload,
                                  const RecordTextOptions& options);

// "claim", "customer", "history", ...
std::string_view NameOf(ports::RecordKind kind);

}  // namespace kulanz::command
