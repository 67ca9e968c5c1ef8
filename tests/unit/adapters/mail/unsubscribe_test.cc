// List-Unsubscribe: only where a message asks for it, and nothing gets into the URL that was not meant to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "service/adapters/mail/letter_composer.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/adapters/mail/letter_fixture.h"
#include "tests/unit/adapters/system/temp_directory.h"

namespace kulanz::adapters {
namespace {

using namespace kulanz::testing;  // NOLINT(google-build-using-namespace): the fixture's builders
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class UnsubscribeTest : public ::testing::Test {
 protected:
  UnsubscribeTest() {
    for (const char* folder : {"shared", "late-delivery"}) {
      std::filesystem::copy(test::SourcePath("rules/messages") + "/" + folder,
                            directory_.File(folder), std::filesystem::copy_options::recursive);
    }
  }
  std::shared_ptr<const MessageSet> Load(const std::string& url) {
    directory_.Write("late-delivery/unsubscribe.txt", url);
    problems_.clear();
    return MessageSet::Load(directory_.path(), "en", problems_);
  }
  const TempDirectory directory_;
  TemplateProblems problems_;
};

TEST_F(UnsubscribeTest, AMessageThatAsksForItHasBothFields) {
  LetterSources sources = ShippedSources();
  sources.messages = Load("https://shop.example/stop?c={{customer.id}}&l={{mail.id}}\n");
  ASSERT_THAT(problems_, IsEmpty());
  Customer customer = MsMueller();
  customer.id = CustomerId("C>1&ü \r\nBcc: x");
  ASSERT_OK_AND_ASSIGN(const Letter letter,
                       LetterComposer(std::move(sources)).Compose(LateDelivery(customer)));
  EXPECT_THAT(letter.message,
              HasSubstr("\r\nList-Unsubscribe: "
                        "<https://shop.example/stop?c=C%3E1%26%C3%BC%20%0D%0ABcc%3A%20x&l="
                        "00112233445566778899aabbccddeeff>\r\n"
                        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"));
}

TEST_F(UnsubscribeTest, NoShippedMessageIsAdvertising) {
  const LetterComposer composer(ShippedSources());
  for (const auto& delivery : {LateDelivery(MsMueller()), DelayedActivation(MsMueller()),
                               MissedAppointment(MsMueller())}) {
    ASSERT_OK_AND_ASSIGN(const Letter letter, composer.Compose(delivery));
    EXPECT_THAT(letter.message, Not(HasSubstr("List-Unsubscribe")));
  }
}

TEST_F(UnsubscribeTest, AnythingButOneHttpsUrlIsAProblemOfItsFile) {
  const std::string longest = "https://shop.example/" + std::string(479, 'x');
  ASSERT_EQ(longest.size(), 500U);
  EXPECT_NE(Load(longest), nullptr);
  for (const std::string& url :
       {std::string(), std::string("http://shop.example/"), std::string("mailto:a@b.example"),
        std::string("https://shop.example/a b"), std::string("https://shop.example/\nx"),
        std::string("https://shop.example/ü"), std::string("https://shop.example/>"),
        std::string("https://shop.example/{{voucher.code}}"),
        std::string("https://shop.example/{{customer.idd}}"),
        std::string("https://shop.example/{{customer.id"), longest + "x"}) {
    EXPECT_EQ(Load(url), nullptr) << url;
    EXPECT_THAT(problems_,
                ElementsAre(::testing::Field(&TemplateProblem::file, HasSubstr("unsubscribe.txt"))))
        << url;
  }
}

}  // namespace
}  // namespace kulanz::adapters
