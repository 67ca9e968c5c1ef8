#include "service/adapters/curl/cut_off.h"

#include "service/base/steady_now.h"

namespace kulanz::adapters {

void CutOff::At(Deadline moment) {
  const Deadline::rep wanted = moment.time_since_epoch().count();
  Deadline::rep known = at_;
  while (wanted < known && !at_.compare_exchange_weak(known, wanted)) {
  }
}

bool CutOff::HasCome() const { return SteadyNow().time_since_epoch().count() >= at_; }

}  // namespace kulanz::adapters
