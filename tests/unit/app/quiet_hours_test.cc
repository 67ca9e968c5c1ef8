#include "service/app/quiet_hours.h"

#include <gtest/gtest.h>

#include <string_view>

namespace kulanz::app {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

Instant At(std::string_view text) { return *ParseInstant(text); }

const QuietHours kNight{hours{21}, hours{8}, "Europe/Berlin"};
const QuietHours kNoon{hours{12}, hours{14}, "Europe/Berlin"};

TEST(QuietHoursTest, NothingOutsideOfThem) {
  EXPECT_FALSE(EndOfQuietHours(kNight, "", At("2026-06-01T08:00:00+02:00")));
  EXPECT_FALSE(EndOfQuietHours(kNight, "", At("2026-06-01T20:59:59.999+02:00")));
  EXPECT_FALSE(EndOfQuietHours(kNoon, "", At("2026-06-01T11:59:59.999+02:00")));
  EXPECT_FALSE(EndOfQuietHours(kNoon, "", At("2026-06-01T14:00:00+02:00")));
}

TEST(QuietHoursTest, OverMidnightTheyEndInTheMorningThatFollows) {
  const Instant morning = At("2026-06-02T08:00:00+02:00");
  EXPECT_EQ(EndOfQuietHours(kNight, "", At("2026-06-01T21:00:00+02:00")), morning);
  EXPECT_EQ(EndOfQuietHours(kNight, "", At("2026-06-02T00:00:00+02:00")), morning);
  EXPECT_EQ(EndOfQuietHours(kNight, "", At("2026-06-02T07:59:59.999+02:00")), morning);
}

TEST(QuietHoursTest, WithinOneDayTheyEndOnIt) {
  EXPECT_EQ(EndOfQuietHours(kNoon, "", At("2026-06-01T12:00:00+02:00")),
            At("2026-06-01T14:00:00+02:00"));
}

TEST(QuietHoursTest, TheCustomersClockDecidesWhenItIsKnown) {
  const Instant now = At("2026-06-01T22:00:00+02:00");  // 05:00 of the next day in Tokyo
  EXPECT_EQ(EndOfQuietHours(kNight, "Asia/Tokyo", now), At("2026-06-02T08:00:00+09:00"));
  EXPECT_FALSE(EndOfQuietHours(kNight, "America/New_York", now));
  EXPECT_EQ(EndOfQuietHours(kNight, "Mars/Olympus", now), At("2026-06-02T08:00:00+02:00"));
}

TEST(QuietHoursTest, TheClockOnTheWallDecidesOnShortAndLongNights) {
  // 2026-03-29: 02:00 becomes 03:00. 2026-10-25: 03:00 becomes 02:00.
  EXPECT_EQ(EndOfQuietHours(kNight, "", At("2026-03-28T22:00:00+01:00")),
            At("2026-03-29T08:00:00+02:00"));
  EXPECT_EQ(EndOfQuietHours(kNight, "", At("2026-10-24T22:00:00+02:00")),
            At("2026-10-25T08:00:00+01:00"));
}

TEST(QuietHoursTest, AnEndThatTheClocksSkipIsTheInstantAfterTheGap) {
  const QuietHours quiet{hours{1}, hours{2} + minutes{30}, "Europe/Berlin"};
  const Instant end = At("2026-03-29T03:00:00+02:00");
  EXPECT_EQ(EndOfQuietHours(quiet, "", At("2026-03-29T01:30:00+01:00")), end);
  EXPECT_FALSE(EndOfQuietHours(quiet, "", end));
}

TEST(QuietHoursTest, AnEndThatComesTwiceEndsThemTwice) {
  const QuietHours quiet{hours{1}, hours{2} + minutes{30}, "Europe/Berlin"};
  EXPECT_EQ(EndOfQuietHours(quiet, "", At("2026-10-25T02:15:00+02:00")),
            At("2026-10-25T02:30:00+02:00"));
  EXPECT_EQ(EndOfQuietHours(quiet, "", At("2026-10-25T02:15:00+01:00")),
            At("2026-10-25T02:30:00+01:00"));
}

TEST(QuietHoursTest, AnEmptySpanIsNone) {
  const QuietHours empty{hours{8}, hours{8}, "Europe/Berlin"};
  EXPECT_FALSE(EndOfQuietHours(empty, "", At("2026-06-01T08:00:00+02:00")));
}

}  // namespace
}  // namespace kulanz::app
