// Initialise: makes an empty Redis database the store that it will be for life.
//
// An explicit act of an operator (or of the embedded mode on its first start). Everything else refuses to
// work without the genesis records that this writes, so that an emptied or a wrong database can never
// start to issue from zero.
#pragma once

#include "service/adapters/redis/options.h"

namespace kulanz::redis {

struct InitialiseOptions {
  RedisAddress address;
  Genesis genesis;
  Duration timeout{5000};
  // The database may hold keys already. Only where Kulanz shares it knowingly with something else.
  bool allow_other_keys = false;
};

// Writes the genesis record of every partition, all or none; on a cluster, that of partition 0 last, and a
// run that was interrupted is completed by the next. OK when the database is this very store already:
// nothing is overwritten, ever. Failures:
//   ALREADY_EXISTS / STORE_EXISTS          it is another store, or this one with other partitions.
//   FAILED_PRECONDITION / STORE_DAMAGED    some genesis records are there and some are not.
//   FAILED_PRECONDITION / STORE_NOT_EMPTY  it holds other keys.
//   INVALID_ARGUMENT, UNAVAILABLE          as everywhere.
// Blocks.
Status Initialise(const InitialiseOptions& options);

}  // namespace kulanz::redis
