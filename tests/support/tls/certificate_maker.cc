#include "tests/support/tls/certificate_maker.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace kulanz::testing {

CertificateMaker::CertificateMaker() {
  std::string path = (std::filesystem::temp_directory_path() / "kulanz-certs-XXXXXX").string();
  EXPECT_NE(mkdtemp(path.data()), nullptr);
  directory_ = path;
}

CertificateMaker::~CertificateMaker() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::string CertificateMaker::Read(const std::string& name) const {
  std::ostringstream text;
  text << std::ifstream(File(name)).rdbuf();
  return text.str();
}

void CertificateMaker::Write(const std::string& name, const std::string& text) const {
  const std::string temporary = File(name) + ".new";
  std::ofstream(temporary) << text;
  EXPECT_EQ(chmod(temporary.c_str(), 0600), 0);
  EXPECT_EQ(std::rename(temporary.c_str(), File(name).c_str()), 0);
}

void CertificateMaker::MakeAuthority(const std::string& name) const {
  OpenSsl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=" + name +
          " -keyout " + File(name + ".key") + " -out " + File(name + ".pem"));
}

void CertificateMaker::MakeCertificate(const std::string& name, const std::string& authority,
                                       const std::string& alternative_names, int days) const {
  std::ofstream(File(name + ".ext"))
      << (alternative_names.empty() ? "basicConstraints=CA:FALSE"
                                    : "subjectAltName=" + alternative_names)
      << "\n";
  OpenSsl("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=" + name + " -keyout " +
          File(name + ".key") + " -out " + File(name + ".csr"));
  OpenSsl("x509 -req -days " + std::to_string(days) + " -CAcreateserial -in " +
          File(name + ".csr") + " -CA " + File(authority + ".pem") + " -CAkey " +
          File(authority + ".key") + " -extfile " + File(name + ".ext") + " -out " +
          File(name + ".pem"));
  EXPECT_EQ(chmod(File(name + ".key").c_str(), 0600), 0);
}

void CertificateMaker::OpenSsl(const std::string& arguments) const {
  const std::string command = "openssl " + arguments + " 2>" + File("log");
  // NOLINTNEXTLINE(cert-env33-c,concurrency-mt-unsafe): a test, with names of its own making
  ASSERT_EQ(std::system(command.c_str()), 0) << command << "\n" << Read("log");
}

}  // namespace kulanz::testing
