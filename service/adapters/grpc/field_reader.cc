#include "service/adapters/grpc/field_reader.h"

#include <cstdint>

#include "service/adapters/grpc/money_scale.h"
#include "service/adapters/grpc/text.h"
#include "service/domain/currency.h"

namespace kulanz::rpc {
namespace {

constexpr std::int32_t kNanosPerSecond = 1'000'000'000;
constexpr std::int32_t kNanosPerMilli = 1'000'000;
// +-10,000 years, as google.protobuf.Duration.
constexpr std::int64_t kDurationSecondsMax = 315'576'000'000;

}  // namespace

void FieldReader::Violate(const FieldPath& path, std::string description) {
  violations_.push_back({path.Text(), std::move(description)});
}

bool FieldReader::CheckText(const FieldPath& path, const std::string& text, std::size_t bytes_min,
                            std::size_t bytes_max) {
  const std::size_t before = violations_.size();
  if (text.empty() && bytes_min > 0) {
    Violate(path, "is required");
  } else if (text.size() > bytes_max) {
    Violate(path, "has " + std::to_string(text.size()) + " bytes; at most " +
                      std::to_string(bytes_max) + " are allowed");
  }
  if (!IsPrintableText(text)) {
    Violate(path,
            "has characters that are not allowed: control characters (a line break, a tab), "
            "line separators or bidirectional overrides");
  }
  return violations_.size() == before;
}

std::optional<Instant> FieldReader::ReadInstant(const FieldPath& path,
                                                const google::protobuf::Timestamp& timestamp) {
  constexpr std::int64_t kSecondsMin = ToMillis(kMinInstant) / 1000;
  constexpr std::int64_t kSecondsMax = (ToMillis(kMaxInstant) - 999) / 1000;
  if (timestamp.seconds() < kSecondsMin || timestamp.seconds() > kSecondsMax) {
    Violate(path, "is outside 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999Z");
    return std::nullopt;
  }
  if (timestamp.nanos() < 0 || timestamp.nanos() >= kNanosPerSecond) {
    Violate(path, "has nanos outside 0 to 999999999");
    return std::nullopt;
  }
  return InstantFromMillis(timestamp.seconds() * 1000 + timestamp.nanos() / kNanosPerMilli);
}

std::optional<Duration> FieldReader::ReadDuration(const FieldPath& path,
                                                  const google::protobuf::Duration& duration) {
  if (duration.seconds() < -kDurationSecondsMax || duration.seconds() > kDurationSecondsMax) {
    Violate(path, "is outside +-315576000000 seconds");
    return std::nullopt;
  }
  if (duration.nanos() <= -kNanosPerSecond || duration.nanos() >= kNanosPerSecond) {
    Violate(path, "has nanos outside +-999999999");
    return std::nullopt;
  }
  if ((duration.seconds() < 0 && duration.nanos() > 0) ||
      (duration.seconds() > 0 && duration.nanos() < 0)) {
    Violate(path, "has seconds and nanos of different signs");
    return std::nullopt;
  }
  return Duration{duration.seconds() * 1000 + duration.nanos() / kNanosPerMilli};
}

std::optional<Date> FieldReader::ReadDate(const FieldPath& path, const std::string& text) {
  const std::optional<Date> date = ParseDate(text);
  if (!date) {
    Violate(path, "is no date of the form 2026-03-01");
  }
  return date;
}

std::optional<Money> FieldReader::ReadMoney(const FieldPath& path,
                                            const google::type::Money& money) {
  const std::optional<Currency> currency = Currency::FromCode(money.currency_code());
  if (!currency) {
    Violate(path.Field("currency_code"),
            money.currency_code().empty()
                ? "is required"
                : "is no currency of ISO 4217; write three capital letters, e.g. EUR");
  }
  if (money.nanos() <= -kNanosPerSecond || money.nanos() >= kNanosPerSecond) {
    Violate(path.Field("nanos"), "is outside +-999999999");
    return std::nullopt;
  }
  if ((money.units() < 0 && money.nanos() > 0) || (money.units() > 0 && money.nanos() < 0)) {
    Violate(path, "has units and nanos of different signs");
    return std::nullopt;
  }
  if (money.units() < 0 || money.nanos() < 0) {
    Violate(path, "is negative");
    return std::nullopt;
  }
  if (!currency) {
    return std::nullopt;
  }
  const auto [minor_units_per_unit, nanos_per_minor_unit] = ScaleOf(*currency);
  if (money.nanos() % nanos_per_minor_unit != 0) {
    Violate(path.Field("nanos"), "is finer than " + std::string(currency->code()) +
                                     " can be: at most " + std::to_string(currency->exponent()) +
                                     " decimals");
    return std::nullopt;
  }
  std::optional<Money> amount;
  if (money.units() <= Money::kMaxMinorUnits / minor_units_per_unit) {
    amount = Money::FromMinorUnits(
        money.units() * minor_units_per_unit + money.nanos() / nanos_per_minor_unit, *currency);
  }
  if (!amount) {
    Violate(path, "is more than " + std::to_string(Money::kMaxMinorUnits) + " minor units");
  }
  return amount;
}

}  // namespace kulanz::rpc
