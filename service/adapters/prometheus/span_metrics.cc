#include "service/adapters/prometheus/span_metrics.h"

namespace kulanz::adapters {

SpanMetrics::SpanMetrics()
    : spans_({"kulanz_spans_total",
              "Spans of traces: exported, or lost: queue_full, rejected by the receiver, given_up "
              "after all attempts.",
              {"result"}},
             {}) {
  // rate() needs a zero to count from.
  for (const std::string_view result : {"exported", "queue_full", "rejected", "given_up"}) {
    spans_.At({result});
  }
}

}  // namespace kulanz::adapters
