#include "service/base/password_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/status_matchers.h"
#include "tests/unit/adapters/system/temp_directory.h"

namespace kulanz {
namespace {

using testing::StatusIs;
using testing::TempDirectory;

TEST(PasswordFileTest, OneLineIsAPassword) {
  const TempDirectory directory;
  const std::string longest(kPasswordFileBytesMax, 'p');
  for (const std::string& line_end : {std::string(), std::string("\n"), std::string("\r\n")}) {
    for (const std::string& password : {std::string("p w\t"), longest}) {
      directory.Write("password", password + line_end);
      ASSERT_OK_AND_ASSIGN(const std::string read, ReadPasswordFile(directory.File("password")));
      EXPECT_EQ(read, password);
    }
  }
}

TEST(PasswordFileTest, AnythingElseIsNoneAndIsNotQuoted) {
  const TempDirectory directory;
  for (const std::string& text :
       {std::string(), std::string("\n"), std::string("secret\nsecret\n"),
        std::string("secret\n\n"), std::string(kPasswordFileBytesMax + 1, 's'),
        std::string(100'000, 's')}) {
    directory.Write("password", text);
    const auto read = ReadPasswordFile(directory.File("password"));
    EXPECT_THAT(read, StatusIs(Code::kFailedPrecondition, "PASSWORD_FILE"));
    EXPECT_EQ(read.status().message().find("secret"), std::string::npos);
  }
  EXPECT_THAT(ReadPasswordFile(directory.File("none")),
              StatusIs(Code::kFailedPrecondition, "PASSWORD_FILE"));
  EXPECT_THAT(ReadPasswordFile(directory.path()),
              StatusIs(Code::kFailedPrecondition, "PASSWORD_FILE"));
}

}  // namespace
}  // namespace kulanz
