// CutOff: a moment from which on no transfer goes on, whatever it is at: its process ends.
//
// Thread-safety: any method from any thread.
#pragma once

#include <atomic>

#include "service/domain/time.h"

namespace kulanz::adapters {

class CutOff {
 public:
  // Of several moments the earliest holds.
  void At(Deadline moment);
  bool HasCome() const;

 private:
  std::atomic<Deadline::rep> at_{Deadline::max().time_since_epoch().count()};
};

}  // namespace kulanz::adapters
