#include "service/app/voucher_secrets.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "service/app/keys.h"
#include "tests/support/status_matchers.h"

namespace kulanz::app {
namespace {

using kulanz::testing::StatusIs;

VoucherSecrets TwoSecrets() {
  std::vector<CodeSecret> secrets;
  secrets.push_back({"new", InstantFromMillis(1000), HmacKey(std::string(32, 'n'))});
  secrets.push_back({"old", InstantFromMillis(0), HmacKey(std::string(32, 'o'))});
  return {std::move(secrets), HmacKey(std::string(32, 'l'))};
}

// As TwoSecrets, and a second lookup secret from the same time as the second code secret.
VoucherSecrets TwoOfEach() {
  std::vector<CodeSecret> codes;
  codes.push_back({"old", InstantFromMillis(0), HmacKey(std::string(32, 'o'))});
  codes.push_back({"new", InstantFromMillis(1000), HmacKey(std::string(32, 'n'))});
  std::vector<DatedKey> lookups;
  lookups.push_back({"lookup", kMinInstant, HmacKey(std::string(32, 'l'))});
  lookups.push_back({"lookup-2", InstantFromMillis(1000), HmacKey(std::string(32, 'm'))});
  return {std::move(codes), std::move(lookups)};
}

ports::Key KeyOf(const DerivedCode& derived) {
  return {{derived.code.partition()}, ports::RecordKind::kVoucher, derived.voucher};
}

TEST(VoucherSecretsTest, TheIncidentsTimeChoosesTheSecret) {
  const VoucherSecrets secrets = TwoSecrets();
  const IncidentId incident("i");
  EXPECT_EQ(secrets.Derive(incident, 0, InstantFromMillis(999), {})->secret_id, "old");
  EXPECT_EQ(secrets.Derive(incident, 0, InstantFromMillis(1000), {})->secret_id, "new");
}

TEST(VoucherSecretsTest, BeforeTheFirstSecretThereIsNoCode) {
  EXPECT_THAT(TwoSecrets().Derive(IncidentId("i"), 0, InstantFromMillis(-1), {}).status(),
              StatusIs(Code::kInternal, "SECRET_MISSING"));
}

TEST(VoucherSecretsTest, DerivingAgainGivesTheSameCode) {
  const VoucherSecrets secrets = TwoSecrets();
  const IncidentId incident("i");
  ASSERT_OK_AND_ASSIGN(const DerivedCode first,
                       secrets.Derive(incident, 0, InstantFromMillis(5), {3}));
  ASSERT_OK_AND_ASSIGN(const DerivedCode second,
                       TwoSecrets().Derive(incident, 0, InstantFromMillis(5), {3}));
  EXPECT_EQ(second.code, first.code);
  ASSERT_OK_AND_ASSIGN(const VoucherCode again,
                       secrets.DeriveAgain(KeyOf(first), first.secret_id, incident, 0));
  EXPECT_EQ(again, first.code);
  EXPECT_EQ(first.code.partition(), 3);
}

TEST(VoucherSecretsTest, EveryRevisionHasACodeOfItsOwn) {
  const VoucherSecrets secrets = TwoSecrets();
  std::set<std::string> codes;
  for (std::uint32_t revision = 0; revision < 100; ++revision) {
    ASSERT_OK_AND_ASSIGN(const DerivedCode derived,
                         secrets.Derive(IncidentId("i"), revision, InstantFromMillis(5), {3}));
    codes.emplace(derived.code.canonical());
    ASSERT_OK_AND_ASSIGN(
        const VoucherCode again,
        secrets.DeriveAgain(KeyOf(derived), derived.secret_id, IncidentId("i"), revision));
    EXPECT_EQ(again, derived.code);
  }
  EXPECT_EQ(codes.size(), 100U);
}

TEST(VoucherSecretsTest, AMissingSecretNeverGivesAnotherCode) {
  EXPECT_THAT(TwoSecrets().DeriveAgain({}, "gone", IncidentId("i"), 0),
              StatusIs(Code::kInternal, "SECRET_MISSING"));
}

TEST(VoucherSecretsTest, ASecretOfOtherContentNeverGivesAnotherCode) {
  ASSERT_OK_AND_ASSIGN(const DerivedCode derived,
                       TwoSecrets().Derive(IncidentId("i"), 0, InstantFromMillis(5), {3}));
  std::vector<CodeSecret> others;
  others.push_back({"old", InstantFromMillis(0), HmacKey(std::string(32, 'x'))});
  const VoucherSecrets other(std::move(others), HmacKey(std::string(32, 'l')));
  EXPECT_THAT(other.DeriveAgain(KeyOf(derived), "old", IncidentId("i"), 0),
              StatusIs(Code::kInternal, "SECRET_MISMATCH"));
}

TEST(VoucherSecretsTest, ACodeIsFoundUnderTheLookupSecretOfItsTime) {
  const VoucherSecrets secrets = TwoOfEach();
  for (const std::int64_t time : {5, 2000}) {
    ASSERT_OK_AND_ASSIGN(const DerivedCode derived,
                         secrets.Derive(IncidentId("i"), 0, InstantFromMillis(time), {3}));
    const auto hashes = secrets.LookupHashes(derived.code);
    ASSERT_EQ(hashes.size(), 2U);
    EXPECT_EQ(hashes[time == 5 ? 1 : 0], derived.voucher) << "the newest first";
    EXPECT_TRUE(secrets.DeriveAgain(KeyOf(derived), derived.secret_id, IncidentId("i"), 0).ok());
  }
}

TEST(VoucherSecretsTest, AddingSecretsChangesNoCodeOfBefore) {
  VoucherSecrets secrets = TwoSecrets();
  ASSERT_OK_AND_ASSIGN(const DerivedCode before,
                       secrets.Derive(IncidentId("i"), 0, InstantFromMillis(999), {3}));
  std::vector<CodeSecret> codes;
  codes.push_back({"old", InstantFromMillis(0), HmacKey(std::string(32, 'o'))});
  codes.push_back({"new", InstantFromMillis(1000), HmacKey(std::string(32, 'n'))});
  codes.push_back({"newest", InstantFromMillis(2000), HmacKey(std::string(32, 'x'))});
  std::vector<DatedKey> lookups;
  lookups.push_back({"lookup", kMinInstant, HmacKey(std::string(32, 'l'))});
  lookups.push_back({"lookup-2", InstantFromMillis(2000), HmacKey(std::string(32, 'm'))});
  secrets.Replace(std::move(codes), std::move(lookups));
  ASSERT_OK_AND_ASSIGN(const DerivedCode after,
                       secrets.Derive(IncidentId("i"), 0, InstantFromMillis(999), {3}));
  EXPECT_EQ(after.code, before.code);
  EXPECT_EQ(after.voucher, before.voucher);
  EXPECT_EQ(secrets.Derive(IncidentId("i"), 0, InstantFromMillis(2000), {3})->secret_id, "newest");
}

TEST(VoucherSecretsTest, CodesOfManyIncidentsDiffer) {
  const VoucherSecrets secrets = TwoSecrets();
  std::set<std::string> codes;
  std::set<ports::KeyHash> hashes;
  for (int i = 0; i < 20'000; ++i) {
    ASSERT_OK_AND_ASSIGN(const DerivedCode derived, secrets.Derive(IncidentId(std::to_string(i)), 0,
                                                                   InstantFromMillis(i), {0}));
    codes.emplace(derived.code.canonical());
    hashes.insert(derived.voucher);
  }
  EXPECT_EQ(codes.size(), 20'000U);
  EXPECT_EQ(hashes.size(), 20'000U);
}

// A symbol of the secret part is as likely as any other: a bias would help guessing.
TEST(VoucherSecretsTest, SymbolsAreUniform) {
  const VoucherSecrets secrets = TwoSecrets();
  std::array<int, 128> seen{};
  constexpr int kCodes = 8'000;
  for (int i = 0; i < kCodes; ++i) {
    ASSERT_OK_AND_ASSIGN(const DerivedCode derived, secrets.Derive(IncidentId(std::to_string(i)), 0,
                                                                   InstantFromMillis(0), {0}));
    for (const char symbol : derived.code.canonical().substr(2, 13)) {
      ++seen[static_cast<std::size_t>(symbol)];
    }
  }
  constexpr double kExpected = kCodes * 13.0 / 32.0;
  double chi_squared = 0;
  int symbols = 0;
  for (const int count : seen) {
    if (count > 0) {
      ++symbols;
      chi_squared += (count - kExpected) * (count - kExpected) / kExpected;
    }
  }
  EXPECT_EQ(symbols, 32);
  EXPECT_LT(chi_squared,
            70.0);  // 31 degrees of freedom: beyond 70 with probability 1e-4; fixed input
}

TEST(KeysTest, IdsOfDifferentKindsDoNotCollide) {
  EXPECT_NE(HashOf(CustomerId("x")), HashOf(IncidentId("x")));
}

TEST(KeysTest, EverythingOfACustomerIsInOnePartition) {
  const Keys keys(256);
  for (int i = 0; i < 100; ++i) {
    const CustomerId customer("C-" + std::to_string(i));
    const ports::PartitionId home = keys.PartitionOf(customer);
    EXPECT_LT(home.number, 256);
    EXPECT_EQ(keys.Profile(customer).partition, home);
    EXPECT_EQ(keys.HistoryOf(customer).partition, home);
    EXPECT_EQ(keys.DecisionIndex(customer).partition, home);
    EXPECT_EQ(keys.PartitionOf(HashOf(customer)), home);
  }
}

}  // namespace
}  // namespace kulanz::app
