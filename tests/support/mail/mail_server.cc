#include "tests/support/mail/mail_server.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "service/base/check.h"

namespace kulanz::testing {
namespace {

namespace fs = std::filesystem;

const std::string kDirectory = KULANZ_MAIL_SERVER_DIR;

// Of texts without quotes and backslashes.
std::string Member(const std::string& name, const std::string& value) {
  return value.empty() ? "" : ",\"" + name + "\":\"" + value + "\"";
}

std::string Json(const MailServer::Options& options, const std::string& out) {
  std::string text = "{\"out\":\"" + out + "\"";
  text += Member("cert", options.certificate) + Member("key", options.key);
  text += Member("tlsMax", options.tls_max);
  text += Member("user", options.user) + Member("password", options.password);
  text += options.implicit_tls ? ",\"implicit\":true" : "";
  text += options.starttls ? "" : ",\"starttls\":false";
  return text + Member("keep", options.parsed ? "parsed" : "") + "}";
}

}  // namespace

std::string MailServer::Missing() {
  if (fs::exists(kDirectory + "/installed")) return "";
  return "NO MAIL SERVER: node or npm's smtp-server is not in " + kDirectory +
         " (the test npm_mail_server fetches it); letters were sent to nobody";
}

MailServer::MailServer(const Options& options) {
  std::string path = (fs::temp_directory_path() / "kulanz-mail-XXXXXX").string();
  KULANZ_CHECK(mkdtemp(path.data()) != nullptr, "a test needs a temporary directory");
  directory_ = path;
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  KULANZ_CHECK(pipe2(in.data(), O_CLOEXEC) == 0 && pipe2(out.data(), O_CLOEXEC) == 0, "pipes");
  const std::string script = kDirectory + "/mail_server.mjs";
  const std::string json = Json(options, directory_);
  pid_ = fork();
  KULANZ_CHECK(pid_ >= 0, "a test can start a program");
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    execlp("node", "node", script.c_str(), json.c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  to_ = in[1];
  from_ = fdopen(out[0], "r");
  const std::string line = ReadLine();
  KULANZ_CHECK(line.starts_with("port "), "the mail server says its port");
  port_ = std::stoi(line.substr(5));
}

MailServer::~MailServer() {
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  close(to_);
  std::fclose(from_);
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

std::string MailServer::ReadLine() {
  std::array<char, 256> line{};
  if (std::fgets(line.data(), static_cast<int>(line.size()), from_) == nullptr) return "";
  std::string text = line.data();
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

std::string MailServer::Command(const std::string& line) {
  const std::string text = line + "\n";
  KULANZ_CHECK(write(to_, text.data(), text.size()) == static_cast<ssize_t>(text.size()),
               "the mail server runs");
  return ReadLine();
}

std::vector<MailServer::Entry> MailServer::Index() const {
  std::vector<Entry> entries;
  std::ifstream file(directory_ + "/index");
  std::string line;
  while (std::getline(file, line)) {
    if (file.eof()) break;  // without its end: still being written
    std::istringstream words(line);
    Entry entry;
    std::string how;
    words >> entry.at_ms >> entry.message_id >> entry.recipient >> how;
    entry.confirmed = how == "whole";
    entries.push_back(std::move(entry));
  }
  return entries;
}

MailServer::Letter MailServer::Read(std::size_t number) const {
  Letter letter;
  for (const auto& entry : fs::directory_iterator(directory_ + "/" + std::to_string(number))) {
    std::ifstream file(entry.path(), std::ios::binary);
    letter[entry.path().filename().string()].assign(std::istreambuf_iterator<char>(file), {});
  }
  return letter;
}

}  // namespace kulanz::testing
