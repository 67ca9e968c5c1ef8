// CertificateMaker: authorities and certificates made with openssl, in a directory that goes with it.
//
// NAME.pem and NAME.key. A failure fails the test.
#pragma once

#include <string>

namespace kulanz::testing {

class CertificateMaker {
 public:
  CertificateMaker();
  ~CertificateMaker();
  CertificateMaker(const CertificateMaker&) = delete;
  CertificateMaker& operator=(const CertificateMaker&) = delete;

  const std::string& directory() const { return directory_; }
  std::string File(const std::string& name) const { return directory_ + "/" + name; }
  std::string Read(const std::string& name) const;
  // By another file that takes the place of the old one, as a careful operator does.
  void Write(const std::string& name, const std::string& text) const;

  void MakeAuthority(const std::string& name) const;
  // `alternative_names`: "DNS:a,URI:spiffe://x/y"; empty: none. The subject is CN=`name`. Valid for `days`.
  void MakeCertificate(const std::string& name, const std::string& authority,
                       const std::string& alternative_names, int days = 2) const;

 private:
  void OpenSsl(const std::string& arguments) const;
  std::string directory_;
};

}  // namespace kulanz::testing
