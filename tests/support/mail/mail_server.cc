#include "tests/support/mail/mail_server.h"

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
  process_.emplace(kDirectory + "/mail_server.mjs", Json(options, directory_));
}

MailServer::~MailServer() {
  process_.reset();
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
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
