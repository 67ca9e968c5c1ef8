// RedisStore over TLS with client certificates, ACL users and passwords from files.

#include <filesystem>
#include <fstream>

#include "tests/integration/redis_fixture.h"
#include "tests/support/redis/test_certificates.h"

namespace kulanz::redis {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

// Before the server, which reads them.
class WithCertificates {
 protected:
  const testing::TestCertificates certificates_;
  const std::uint16_t tls_port_ = testing::FreePort();
};

class RedisTls : private WithCertificates, public RedisStoreTest {
 protected:
  RedisTls() : RedisStoreTest(certificates_.ServerArguments(std::to_string(tls_port_))) {
    address_.host = "127.0.0.1";
    address_.port = tls_port_;
    address_.tls = true;
    address_.tls_options.ca_file = certificates_.ca();
    address_.tls_options.certificate_file = certificates_.client();
    address_.tls_options.key_file = certificates_.client_key();
  }
  RedisOptions TlsStoreOptions() const {
    RedisOptions options = Options();
    options.address = address_;
    return options;
  }
  Status TryOpen(milliseconds time = seconds(10)) {
    Result<std::unique_ptr<RedisStore>> store =
        RedisStore::Open(TlsStoreOptions(), log_, telemetry_, In(time));
    if (store.ok()) {
      store_ = *std::move(store);
    }
    return store.status();
  }
  std::string WriteFile(const std::string& name, std::string_view text) const {
    // As secrets are replaced: all at once.
    const std::string path = server_.directory() + "/" + name;
    std::ofstream(path + ".new", std::ios::binary) << text;
    std::filesystem::rename(path + ".new", path);
    return path;
  }
  const testing::TestCertificates& certificates() const { return certificates_; }

  RedisAddress address_;
};

TEST_F(RedisTls, AClientWithItsCertificateWorks) {
  ASSERT_THAT(Initialise({address_, TestGenesis()}), IsOk());
  ASSERT_THAT(TryOpen(), IsOk());
  EXPECT_THAT(Put("a", "1"), IsOk());
  EXPECT_EQ(*Get("a"), "1");
  server_.Kill();
  ASSERT_TRUE(Eventually([&] { return !store_->Health().ok(); }));
  server_.Start();
  EXPECT_TRUE(Recovers());
}

TEST_F(RedisTls, ManyLargeCallsTogetherAreAnsweredInOrder) {
  InitialiseServer();
  ASSERT_THAT(TryOpen(), IsOk());
  constexpr int kCalls = 600;
  std::atomic<int> done{0};
  std::atomic<int> wrong{0};
  const auto value_of = [](int call) {
    return std::to_string(call) + std::string(20'000, static_cast<char>('a' + call % 26));
  };
  for (int call = 0; call < kCalls; ++call) {
    SpawnThen(store_->Commit(PutTransaction(RecordKey(std::to_string(call)), value_of(call)),
                             In(seconds(20))),
              [&](Result<ports::CommitOutcome> outcome) {
                wrong.fetch_add(outcome.ok() ? 0 : 1);
                done.fetch_add(1);
              });
  }
  ASSERT_TRUE(Eventually([&] { return done.load() == kCalls; }));
  for (int call = 0; call < kCalls; ++call) {
    SpawnThen(store_->Read({RecordKey(std::to_string(call))}, In(seconds(20))),
              [&, call](Result<std::vector<ports::Record>> records) {
                wrong.fetch_add(records.ok() && records->front().value == value_of(call) ? 0 : 1);
                done.fetch_add(1);
              });
  }
  ASSERT_TRUE(Eventually([&] { return done.load() == 2 * kCalls; }));
  EXPECT_EQ(wrong.load(), 0);
}

TEST_F(RedisTls, AClientWithoutTheRightCertificateIsRefused) {
  InitialiseServer();
  address_.tls_options.certificate_file = address_.tls_options.key_file = "";
  // What the server says of it may be lost in the end of the connection.
  EXPECT_THAT(TryOpen(milliseconds(700)), StatusIs(Code::kUnavailable, "STORE_UNREACHABLE"));
  address_.tls_options.certificate_file = certificates().other_client();
  address_.tls_options.key_file = certificates().other_client_key();
  EXPECT_THAT(TryOpen(milliseconds(700)), StatusIs(Code::kUnavailable, "STORE_UNREACHABLE"));
  EXPECT_THAT(Initialise({address_, TestGenesis()}), Not(IsOk()));
}

TEST_F(RedisTls, AServerOfAnotherAuthorityOrNameIsNotSpokenTo) {
  InitialiseServer();
  address_.tls_options.ca_file = certificates().other_ca();
  const Status stranger = TryOpen(milliseconds(700));
  EXPECT_THAT(stranger, StatusIs(Code::kUnavailable, "STORE_UNREACHABLE"));
  EXPECT_THAT(stranger.message(), HasSubstr("the server's certificate is not accepted"));
  address_.tls_options.ca_file = certificates().ca();
  address_.tls_options.verify_name = "another.test";
  const Status misnamed = TryOpen(milliseconds(700));
  EXPECT_THAT(misnamed, StatusIs(Code::kUnavailable, "STORE_UNREACHABLE"));
  EXPECT_THAT(misnamed.message(), HasSubstr("the server's certificate is not accepted"));
  const Status initialised = Initialise({address_, TestGenesis()});
  EXPECT_THAT(initialised.message(), HasSubstr("the server's certificate is not accepted"));
  address_.tls_options.verify_name = "redis.test";
  EXPECT_THAT(TryOpen(), IsOk());
}

TEST_F(RedisTls, APlainServerIsNoTlsServer) {
  InitialiseServer();
  const TempRedis plain(TempRedis::OnPort(address_.port = testing::FreePort()));
  const Status status = TryOpen(milliseconds(700));
  EXPECT_THAT(status, StatusIs(Code::kUnavailable, "STORE_UNREACHABLE"));
}

TEST_F(RedisTls, FilesThatCannotBeUsedAreNamed) {
  InitialiseServer();
  address_.tls_options.ca_file = "/no/such/authority.pem";
  Status status = TryOpen();
  EXPECT_THAT(status, StatusIs(Code::kUnavailable, "STORE_REFUSED"));
  EXPECT_THAT(status.message(), HasSubstr("/no/such/authority.pem"));
  address_.tls_options.ca_file = certificates().ca();
  address_.tls_options.key_file = certificates().server_key();  // of another certificate
  status = TryOpen();
  EXPECT_THAT(status, StatusIs(Code::kUnavailable, "STORE_REFUSED"));
  EXPECT_THAT(status.message(), HasSubstr(certificates().server_key()));
}

TEST_F(RedisTls, ARenewedCertificateIsUsedByTheNextConnection) {
  InitialiseServer();
  const auto copy = [&](const std::string& certificate, const std::string& key) {
    std::filesystem::copy_file(certificate, server_.directory() + "/mine.pem",
                               std::filesystem::copy_options::overwrite_existing);
    std::filesystem::copy_file(key, server_.directory() + "/mine.key",
                               std::filesystem::copy_options::overwrite_existing);
  };
  copy(certificates().client(), certificates().client_key());
  address_.tls_options.certificate_file = server_.directory() + "/mine.pem";
  address_.tls_options.key_file = server_.directory() + "/mine.key";
  ASSERT_THAT(TryOpen(), IsOk());
  copy(certificates().other_client(), certificates().other_client_key());
  EXPECT_THAT(Put("a", "1"), IsOk()) << "an open connection goes on";
  server_.Run({"CLIENT", "KILL", "TYPE", "normal"});
  ASSERT_TRUE(Eventually([&] { return !store_->Health().ok(); }));
  copy(certificates().client(), certificates().client_key());
  EXPECT_TRUE(Recovers());
}

class RedisUsers : public RedisTls {
 protected:
  void SetUp() override {
    InitialiseServer();
    // What a service may do; nothing dangerous.
    server_.Run({"ACL", "SETUSER", "kulanz", "on", ">old", "~{*", "resetchannels", "+@all",
                 "-@dangerous", "-@admin", "+info"});
    address_.user = "kulanz";
  }
};

TEST_F(RedisUsers, AUserWithAPasswordFileIsLetIn) {
  address_.password_file = WriteFile("password", "old\n");
  ASSERT_THAT(TryOpen(), IsOk());
  EXPECT_THAT(Put("a", "1"), IsOk());
  EXPECT_EQ(server_.Run({"CLIENT", "LIST"}).text.find("user=default name=kulanz"),
            std::string::npos);
  EXPECT_FALSE(log_.Has("old"));
}

TEST_F(RedisUsers, ANewPasswordIsPresentedOnOpenConnectionsAndByNewOnes) {
  address_.password_file = WriteFile("password", "old");
  ASSERT_THAT(TryOpen(), IsOk());
  server_.Run({"ACL", "SETUSER", "kulanz", ">new"});
  WriteFile("password", "new\r\n");
  ASSERT_TRUE(Eventually([&] { return log_.Has("store_password_renewed"); }));
  server_.Run({"ACL", "SETUSER", "kulanz", "<old"});
  EXPECT_THAT(Put("a", "1"), IsOk());
  server_.Run({"CLIENT", "KILL", "TYPE", "normal"});
  EXPECT_TRUE(Recovers());
}

TEST_F(RedisUsers, APasswordThatIsNotAcceptedYetDisturbsNobody) {
  address_.password_file = WriteFile("password", "old");
  ASSERT_THAT(TryOpen(), IsOk());
  WriteFile("password", "s3cret");
  ASSERT_TRUE(Eventually([&] { return log_.Has("store_password_refused"); }));
  EXPECT_THAT(Put("a", "1"), IsOk());
  EXPECT_FALSE(log_.Has("s3cret"));
  server_.Run({"CLIENT", "KILL", "TYPE", "normal"});
  ASSERT_TRUE(Eventually([&] { return store_->Health().reason() == "STORE_REFUSED"; }));
  server_.Run({"ACL", "SETUSER", "kulanz", ">s3cret"});
  EXPECT_TRUE(Recovers());
}

TEST_F(RedisUsers, APasswordFileThatCannotBeUsedIsNamed) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {WriteFile("empty", ""), "is empty"},
      {WriteFile("line", "\n"), "is empty"},
      {WriteFile("lines", "a\nb\n"), "more than one line"},
      {WriteFile("long", std::string(kPasswordBytesMax + 1, 'p')), "more than 1024 bytes"},
      {"/no/such/password", "cannot be read"},
  };
  for (const auto& [file, words] : cases) {
    address_.password_file = file;
    const Status status = TryOpen();
    EXPECT_THAT(status, StatusIs(Code::kUnavailable, "STORE_REFUSED")) << file;
    EXPECT_THAT(status.message(), HasSubstr(file));
    EXPECT_THAT(status.message(), HasSubstr(words));
    EXPECT_EQ(Initialise({address_, TestGenesis()}).message(), status.message());
  }
  address_.password_file = WriteFile("longest", std::string(kPasswordBytesMax, 'p') + "\r\n");
  EXPECT_THAT(TryOpen().message(), HasSubstr("does not accept user and password"));
}

}  // namespace
}  // namespace kulanz::redis
