// Where kulanzd may listen, and with what; the TLS files and their replacement.

#include "service/kulanzd/tls_access.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>
#include <string_view>
#include <vector>

#include "service/kulanzd/tls_files.h"
#include "tests/support/eventually.h"
#include "tests/support/recorded_files.h"
#include "tests/support/tls/certificate_maker.h"

namespace kulanz::server {
namespace {

using kulanz::testing::CertificateMaker;
using kulanz::testing::Eventually;
using kulanz::testing::RecordedFiles;
using ::testing::HasSubstr;

std::string Problems(TlsAccess access, const std::string& listen, bool embedded = false) {
  return Understand(access, listen, "/data", embedded);
}

TEST(TlsAccessTest, BeyondThisMachineItListensWithCredentialsOnly) {
  const TlsAccess none;
  for (const char* listen :
       {"127.0.0.1:0", "127.1.2.3:0", "[::1]:0", "localhost:0", "unix:/run/k"}) {
    EXPECT_EQ(Problems(none, listen), "") << listen;
    EXPECT_EQ(Problems(none, listen, true), "") << listen;
  }
  const TlsAccess full{.certificate_file = "c", .key_file = "k", .access_file = "a"};
  const TlsAccess only_tls{.certificate_file = "c", .key_file = "k"};
  const TlsAccess only_access{.access_file = "a"};
  for (const std::string listen : {"0.0.0.0:0", "[::]:0", "10.0.0.5:0", "kulanz:0", ":0",
                                   "127.evil.example:0", "127.0.0.1.evil.example:0"}) {
    for (const bool embedded : {false, true}) {
      EXPECT_EQ(Problems(full, listen, embedded), "") << listen;
      for (const TlsAccess& access : {none, only_tls, only_access}) {
        EXPECT_THAT(Problems(access, listen, embedded),
                    HasSubstr("--listen " + listen +
                              " can be reached from other machines: that "
                              "needs --tls-cert-file, --tls-key-file and --access-file"));
      }
    }
  }
}

TEST(TlsAccessTest, WithoutCredentialsIsSaidAloudAndNeverEmbedded) {
  const TlsAccess open{.without_credentials = true};
  EXPECT_EQ(Problems(open, "0.0.0.0:0"), "");
  EXPECT_THAT(Problems(open, "0.0.0.0:0", true), HasSubstr("is not for --embedded"));
  EXPECT_THAT(Problems(open, "127.0.0.1:0", true), HasSubstr("is not for --embedded"));
  EXPECT_THAT(Problems({.access_file = "a", .without_credentials = true}, "127.0.0.1:0"),
              HasSubstr("exclude each other"));
}

TEST(TlsAccessTest, OptionsThatNeedEachOtherAreNamedTogether) {
  const std::string problems =
      Problems({.certificate_file = "c", .client_ca_file = ""}, "127.0.0.1:0") +
      Problems({.client_ca_file = "ca"}, "127.0.0.1:0");
  EXPECT_THAT(problems, HasSubstr("--tls-cert-file and --tls-key-file need each other"));
  EXPECT_THAT(problems, HasSubstr("--tls-client-ca-file needs --tls-cert-file"));
}

// The events that were logged.
struct EventNames final : ports::Log {
  void Write(ports::LogLevel /*level*/, std::string_view event, std::string_view /*message*/,
             std::initializer_list<Field> /*fields*/) override {
    events.emplace_back(event);
  }
  std::vector<std::string> events;
};

class TlsFilesTest : public ::testing::Test {
 protected:
  TlsFilesTest() {
    files_.MakeAuthority("ca");
    files_.MakeCertificate("one", "ca", "DNS:kulanz.test");
    files_.MakeCertificate("two", "ca", "DNS:kulanz.test");
    files_.Write("ca.copy", files_.Read("ca.pem"));
    Use("one.pem", "one.key");
  }
  void Use(const std::string& certificate, const std::string& key) const {
    files_.Write("tls.crt", files_.Read(certificate));
    files_.Write("tls.key", files_.Read(key));
  }
  Result<std::unique_ptr<TlsFiles>> Load(Instant now = Now()) {
    clock_ = now;
    return TlsFiles::Load(
        {.certificate_file = files_.File("tls.crt"),
         .key_file = files_.File("tls.key"),
         .client_ca_file = files_.File("ca.pem")},
        [this] { return clock_; }, telemetry_, log_);
  }
  std::string Refusal(Instant now = Now()) { return Load(now).status().message(); }
  static Instant Now() {
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  }
  const CertificateMaker files_;
  Instant clock_{};
  RecordedFiles telemetry_;
  EventNames log_;
};

TEST_F(TlsFilesTest, WhatDoesNotFitTogetherIsRefused) {
  EXPECT_TRUE(Load().ok()) << Refusal();
  Use("one.pem", "two.key");
  EXPECT_THAT(Refusal(), HasSubstr("the key is not the one of the certificate"));
  Use("one.key", "one.key");
  EXPECT_THAT(Refusal(), HasSubstr("the certificate is no PEM file"));
  Use("one.pem", "one.pem");
  EXPECT_THAT(Refusal(), HasSubstr("the key is no PEM file"));
  Use("one.pem", "one.key");
  EXPECT_THAT(Refusal(Now() + std::chrono::hours{72}), HasSubstr("the certificate has expired"));
  files_.Write("tls.crt", files_.Read("one.pem") + "-----BEGIN CERTIFICATE-----\nAAAA\n");
  EXPECT_THAT(Refusal(), HasSubstr("the certificate is no PEM file"));
  Use("one.pem", "one.key");
  files_.Write("ca.pem", "");
  EXPECT_THAT(Refusal(), HasSubstr("ca.pem is empty"));
  files_.Write("ca.pem", files_.Read("ca.copy"));
  EXPECT_EQ(chmod(files_.File("tls.key").c_str(), 0644), 0);
  EXPECT_THAT(Refusal(), HasSubstr("may be read by others"));
  EXPECT_EQ(remove(files_.File("tls.key").c_str()), 0);
  EXPECT_THAT(Refusal(), HasSubstr("cannot read"));
  files_.Write("tls.key", std::string((std::size_t{1} << 20) + 1, 'x'));
  EXPECT_THAT(Refusal(), HasSubstr("has more than 1048576 bytes"));
}

TEST_F(TlsFilesTest, HalfAReplacementChangesNothingUntilItIsWhole) {
  auto loaded = Load();
  ASSERT_TRUE(loaded.ok());
  TlsFiles& tls = **loaded;
  const auto generation = [&] { return tls.identity()->Current().generation; };
  const auto first = generation();
  tls.Tick();
  EXPECT_EQ(generation(), first);
  files_.Write("tls.crt", files_.Read("two.pem"));
  tls.Tick();
  EXPECT_EQ(generation(), first) << "the key of the new certificate is not there yet";
  files_.Write("tls.key", files_.Read("two.key"));
  tls.Tick();
  EXPECT_GT(generation(), first);
  EXPECT_EQ(tls.identity()->Current().material->certificate_chain, files_.Read("two.pem"));
  const auto second = generation();
  files_.Write("tls.crt", files_.Read("two.pem"));
  tls.Tick();
  EXPECT_EQ(generation(), second) << "the same text is no other certificate";
}

TEST_F(TlsFilesTest, ACertificateThatIsThereBeforeItsTimeWaits) {
  auto loaded = Load();
  ASSERT_TRUE(loaded.ok());
  TlsFiles& tls = **loaded;
  const auto served = [&] { return tls.identity()->Current().material; };
  const Instant first = served()->valid_from;
  // Certificates tell whole seconds.
  ASSERT_TRUE(Eventually([&] { return Now() > first + std::chrono::seconds{1}; }));
  files_.MakeCertificate("later", "ca", "DNS:kulanz.test");
  Use("later.pem", "later.key");
  clock_ = first;
  tls.Tick();
  tls.Tick();
  EXPECT_EQ(served()->valid_from, first);
  EXPECT_EQ(log_.events, std::vector<std::string>{"tls_awaited"}) << "said once";
  EXPECT_TRUE(telemetry_.Usable("tls"));
  clock_ = Now();
  tls.Tick();
  EXPECT_EQ(served()->certificate_chain, files_.Read("later.pem"));
}

TEST_F(TlsFilesTest, TellsWhatIsServedAndWhetherItIsOlderThanTheFiles) {
  auto loaded = Load();
  ASSERT_TRUE(loaded.ok());
  TlsFiles& tls = **loaded;
  EXPECT_TRUE(telemetry_.Usable("tls"));
  const auto until = [&] { return tls.identity()->Current().material->valid_until; };
  EXPECT_EQ(telemetry_.valid_until(), until());
  EXPECT_GT(telemetry_.valid_until(), Now());
  EXPECT_LE(telemetry_.valid_from(), Now());
  const Instant first = telemetry_.valid_until();

  files_.MakeCertificate("longer", "ca", "DNS:kulanz.test", 30);
  files_.Write("tls.crt", files_.Read("longer.pem"));
  tls.Tick();
  EXPECT_FALSE(telemetry_.Usable("tls"));
  EXPECT_EQ(telemetry_.valid_until(), first) << "of what is served, not of what is on disk";
  tls.Tick();
  EXPECT_FALSE(telemetry_.Usable("tls")) << "until somebody acts";

  Use("one.pem", "one.key");
  tls.Tick();
  EXPECT_TRUE(telemetry_.Usable("tls")) << "put back: what is served is what is on disk";

  Use("longer.pem", "longer.key");
  tls.Tick();
  EXPECT_TRUE(telemetry_.Usable("tls"));
  EXPECT_EQ(telemetry_.valid_until(), until());
  EXPECT_GT(telemetry_.valid_until(), first + std::chrono::hours{24 * 20});
}

}  // namespace
}  // namespace kulanz::server
