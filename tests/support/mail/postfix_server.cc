#include "tests/support/mail/postfix_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "service/base/check.h"
#include "tests/support/eventually.h"
#include "tests/support/redis/temp_server.h"

namespace kulanz::testing {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPostfix = "/usr/sbin/postfix";
constexpr const char* kSaslPassword = "/usr/sbin/saslpasswd2";
constexpr const char* kRealm = "mail.example.com";

constexpr const char* kMaster = R"(
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
)";

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

bool Listens(int port) {
  const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(port);
  const bool connected =
      connect(client, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  close(client);
  return connected;
}

int Postfix(const std::string& directory, const char* command) {
  const pid_t pid = fork();
  KULANZ_CHECK(pid >= 0, "a test can start a program");
  if (pid == 0) {
    const std::string output = directory + "/output";
    KULANZ_CHECK(std::freopen(output.c_str(), "a", stderr) != nullptr, "a file");
    execl(kPostfix, kPostfix, "-c", directory.c_str(), command, static_cast<char*>(nullptr));
    _exit(127);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return status;
}

// The accounts are a file of libsasl's, written by its own program.
std::string LoginConfiguration(const std::string& directory, const PostfixLogin& login,
                               const passwd& owner) {
  fs::create_directory(directory + "/sasl");
  const std::string accounts = directory + "/sasl/accounts";
  std::ofstream(directory + "/sasl/smtpd.conf")
      << "pwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: " + accounts +
             "\nmech_list: PLAIN LOGIN\n";
  const std::string command =
      std::string(kSaslPassword) + " -p -c -f " + accounts + " -u " + kRealm + " " + login.user;
  FILE* const pipe = popen(command.c_str(), "w");
  KULANZ_CHECK(
      pipe != nullptr && std::fputs(login.password.c_str(), pipe) >= 0 && pclose(pipe) == 0,
      "saslpasswd2 makes an account");
  KULANZ_CHECK(chown(accounts.c_str(), owner.pw_uid, owner.pw_gid) == 0, "root");
  return "smtpd_sasl_auth_enable = yes\nsmtpd_sasl_type = cyrus\nsmtpd_sasl_path = smtpd\n"
         "smtpd_sasl_local_domain = " +
         std::string(kRealm) +
         "\nsmtpd_tls_auth_only = yes\ncyrus_sasl_config_path = " + directory +
         "/sasl\nsmtpd_relay_restrictions = permit_sasl_authenticated, reject\n"
         "smtpd_recipient_restrictions =\n";
}

std::string MainConfiguration(const std::string& directory, const passwd& owner) {
  const std::string& d = directory;
  return "compatibility_level = 3.6\nqueue_directory = " + d + "/queue\ndata_directory = " + d +
         "/data\nmyhostname = mail.example.com\nmydestination =\nmynetworks =\n"
         "inet_interfaces = 127.0.0.1\ninet_protocols = ipv4\nmaillog_file = " +
         d + "/log\nmaillog_file_prefixes = " + d +
         "\nalias_maps =\nalias_database =\nsmtpd_peername_lookup = no\n"
         "smtpd_tls_security_level = encrypt\nsmtpd_tls_cert_file = " +
         d + "/cert.pem\nsmtpd_tls_key_file = " + d +
         "/key.pem\nvirtual_mailbox_domains = example.com, xn--mller-kva.example\n"
         "virtual_mailbox_base = " +
         d + "/mail\nvirtual_mailbox_maps = static:inbox/\nvirtual_minimum_uid = 1\n" +
         "virtual_uid_maps = static:" + std::to_string(owner.pw_uid) +
         "\nvirtual_gid_maps = static:" + std::to_string(owner.pw_gid) +
         "\nsmtpd_relay_restrictions = reject_unauth_destination\n"
         "smtpd_recipient_restrictions = check_recipient_access inline:{"
         "{greylisted@example.com = 450 4.2.0 Greylisted}, "
         "{nobody@example.com = 550 5.1.1 No such user}}\n";
}

}  // namespace

std::string PostfixServer::Missing() {
  if (!fs::exists(kPostfix) || getpwnam("postfix") == nullptr) {
    return "NO POSTFIX: install the package postfix; letters were sent to no second mail server";
  }
  if (geteuid() != 0) {
    return "NO ROOT: Postfix has to be started by root; letters were sent to no second mail server";
  }
  return "";
}

std::string PostfixServer::MissingForLogin() {
  if (const std::string missing = Missing(); !missing.empty()) {
    return missing;
  }
  return fs::exists(kSaslPassword) ? ""
                                   : "NO ACCOUNTS: install the package sasl2-bin; nobody logged in "
                                     "at a second mail server";
}

PostfixServer::PostfixServer(const std::string& certificate, const std::string& key,
                             const std::optional<PostfixLogin>& login)
    : port_(FreePort()) {
  std::string path = (fs::temp_directory_path() / "kulanz-postfix-XXXXXX").string();
  KULANZ_CHECK(mkdtemp(path.data()) != nullptr, "a test needs a temporary directory");
  directory_ = path;
  const passwd& owner = *getpwnam("postfix");
  fs::permissions(path, fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec |
                            fs::perms::group_read | fs::perms::others_read);
  for (const char* folder : {"queue", "data", "mail"}) fs::create_directory(path + "/" + folder);
  for (const char* folder : {"/data", "/mail"}) {
    KULANZ_CHECK(chown((path + folder).c_str(), owner.pw_uid, owner.pw_gid) == 0, "root");
  }
  fs::copy_file(certificate, path + "/cert.pem");
  fs::copy_file(key, path + "/key.pem");
  std::ofstream(path + "/main.cf")
      << MainConfiguration(path, owner) + (login ? LoginConfiguration(path, *login, owner) : "");
  std::ofstream(path + "/master.cf")
      << "127.0.0.1:" + std::to_string(port_) + " inet n - n - - smtpd" + kMaster;
  KULANZ_CHECK(Postfix(path, "start") == 0, "Postfix starts: its folder has `output` and `log`");
  KULANZ_CHECK(Eventually([this] { return Listens(port_); }), "Postfix listens");
}

PostfixServer::~PostfixServer() {
  Postfix(directory_, "stop");
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

std::vector<std::string> PostfixServer::Letters() const {
  std::vector<std::string> letters;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(directory_ + "/mail/inbox/new", missing)) {
    std::ifstream file(entry.path(), std::ios::binary);
    letters.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return letters;
}

std::string PostfixServer::Log() const {
  std::ifstream file(directory_ + "/log");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace kulanz::testing
