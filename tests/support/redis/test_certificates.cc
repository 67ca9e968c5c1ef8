#include "tests/support/redis/test_certificates.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace kulanz::testing {

TestCertificates::TestCertificates() {
  std::string path = (std::filesystem::temp_directory_path() / "kulanz-tls-XXXXXX").string();
  EXPECT_NE(mkdtemp(path.data()), nullptr);
  directory_ = path;
  MakeAuthority("ca");
  MakeCertificate("server", "ca", "DNS:redis.test,IP:127.0.0.1");
  MakeCertificate("client", "ca", "DNS:kulanz.test");
  MakeAuthority("other");
  MakeCertificate("intruder", "other", "DNS:kulanz.test");
}

TestCertificates::~TestCertificates() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::vector<std::string> TestCertificates::ServerArguments(std::string_view port) const {
  return {"--tls-port",         std::string(port),
          "--tls-cert-file",    server(),
          "--tls-key-file",     server_key(),
          "--tls-ca-cert-file", ca(),
          "--tls-auth-clients", "yes"};
}

std::vector<std::string> TestCertificates::OnlyTlsArguments(std::uint16_t port) const {
  std::vector<std::string> arguments = ServerArguments(std::to_string(port));
  arguments.insert(arguments.end(),
                   {"--port", "0", "--tls-replication", "yes", "--tls-cluster", "yes"});
  return arguments;
}

redis::TlsOptions TestCertificates::ClientOptions() const {
  return {.ca_file = ca(),
          .certificate_file = client(),
          .key_file = client_key(),
          .verify_name = "redis.test"};
}

void TestCertificates::MakeAuthority(const std::string& name) const {
  OpenSsl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=" + name +
          " -keyout " + File(name + ".key") + " -out " + File(name + ".pem"));
}

void TestCertificates::MakeCertificate(const std::string& name, const std::string& authority,
                                       const std::string& alternative_names) const {
  std::ofstream(File(name + ".ext")) << "subjectAltName=" << alternative_names << "\n";
  OpenSsl("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=" + name + " -keyout " +
          File(name + ".key") + " -out " + File(name + ".csr"));
  OpenSsl("x509 -req -days 2 -CAcreateserial -in " + File(name + ".csr") + " -CA " +
          File(authority + ".pem") + " -CAkey " + File(authority + ".key") + " -extfile " +
          File(name + ".ext") + " -out " + File(name + ".pem"));
}

void TestCertificates::OpenSsl(const std::string& arguments) const {
  const std::string command = "openssl " + arguments + " 2>" + File("log");
  // NOLINTNEXTLINE(cert-env33-c,concurrency-mt-unsafe): a test, with names of its own making
  ASSERT_EQ(std::system(command.c_str()), 0) << command;
}

}  // namespace kulanz::testing
