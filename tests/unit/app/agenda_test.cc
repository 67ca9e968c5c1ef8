#include "service/app/agenda.h"

#include <gtest/gtest.h>

#include <string>

namespace kulanz::app {
namespace {

AgendaItem Delivery() {
  AgendaItem item;
  for (std::size_t i = 0; i < item.record.size(); ++i) {
    item.record[i] = static_cast<std::uint8_t>(i * 17);
  }
  return item;
}

TEST(AgendaTest, AMemberNamesItsWork) {
  const std::string member = EncodeAgendaMember(Delivery());
  EXPECT_EQ(member.size(), 17U);
  EXPECT_EQ(DecodeAgendaMember(member), Delivery());
}

TEST(AgendaTest, MembersOfALaterVersionAreNotUnderstood) {
  std::string member = EncodeAgendaMember(Delivery());
  member[0] = 'Z';
  EXPECT_EQ(DecodeAgendaMember(member), std::nullopt);
}

TEST(AgendaTest, MembersOfAnotherLengthAreNotUnderstood) {
  const std::string member = EncodeAgendaMember(Delivery());
  EXPECT_EQ(DecodeAgendaMember(""), std::nullopt);
  EXPECT_EQ(DecodeAgendaMember("D"), std::nullopt);
  EXPECT_EQ(DecodeAgendaMember(member.substr(0, 16)), std::nullopt);
  EXPECT_EQ(DecodeAgendaMember(member + "x"), std::nullopt);
}

}  // namespace
}  // namespace kulanz::app
