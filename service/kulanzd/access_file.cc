#include "service/kulanzd/access_file.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "service/adapters/jose/algorithms.h"
#include "service/adapters/system/small_file.h"
#include "service/policy/diagnostic.h"
#include "service/policy/fields.h"
#include "service/policy/scalars.h"
#include "service/policy/suggest.h"
#include "service/policy/yaml_reader.h"

namespace kulanz::server {
namespace {

using policy::Fields;
using policy::FileContext;
using policy::Node;
using policy::Presence;

constexpr std::string_view kBadAccess = "bad-access";
constexpr std::size_t kRolesMax = app::kRoleNames.size();
constexpr std::size_t kAudiencesMax = 16;
constexpr std::size_t kMappingsMax = 1000;
constexpr std::size_t kClaimDepthMax = 4;
constexpr std::size_t kClaimBytesMax = 128;
constexpr Duration kLeewayMax = std::chrono::minutes{5};

app::RoleSet ReadRoles(const FileContext& context, const Node& node) {
  app::RoleSet roles;
  for (const Node& item : Items(context, node, "roles", kRolesMax)) {
    const auto role = app::RoleFrom(item.text);
    if (!item.is_scalar() || !role) {
      context.Error(item, kBadAccess, "'" + item.text + "' is no role",
                    policy::DidYouMean(item.text, app::kRoleNames, "roles"));
    } else if (roles.Has(*role)) {
      context.Error(item, kBadAccess, "the role stands here twice");
    } else {
      roles.Add(*role);
    }
  }
  if (node.is_list() && node.items.empty()) {
    context.Error(node, kBadAccess, "there must be a role at least");
  }
  return roles;
}

std::string ReadLine(const FileContext& context, const Node& node, std::size_t bytes_max) {
  return policy::ReadText(context, node, bytes_max).value_or("");
}

// A text, or a list of them.
std::vector<std::string> ReadLines(const FileContext& context, const Node& node,
                                   std::string_view where, std::size_t count_max,
                                   std::size_t bytes_max) {
  std::vector<std::string> lines;
  if (node.is_scalar()) {
    lines.push_back(ReadLine(context, node, bytes_max));
    return lines;
  }
  for (const Node& item : Items(context, node, where, count_max)) {
    lines.push_back(ReadLine(context, item, bytes_max));
  }
  if (node.is_list() && lines.empty()) {
    context.Error(node, kBadAccess, std::string(where) + " must not be empty");
  }
  return lines;
}

bool IsSpiffeId(const std::string& text) {
  constexpr std::string_view kScheme = "spiffe://";
  const std::size_t path = text.find('/', kScheme.size());
  return text.starts_with(kScheme) && path != std::string::npos && path > kScheme.size() &&
         path + 1 < text.size() && text.find_first_of("?#% ") == std::string::npos;
}

void ReadCertificate(const FileContext& context, const Node& node, AccessRules& rules) {
  const Fields fields(context, node, "a certificate",
                      {{"spiffe"}, {"name"}, {"roles", Presence::kRequired}});
  const Node* const spiffe = fields.Find("spiffe");
  const Node* const name = fields.Find("name");
  const Node* const roles = fields.Find("roles");
  const app::RoleSet given = roles == nullptr ? app::RoleSet() : ReadRoles(context, *roles);
  if (!fields.is_map()) {
    return;
  }
  if ((spiffe == nullptr) == (name == nullptr)) {
    context.Error(node, kBadAccess, "a certificate has either 'spiffe' or 'name'");
    return;
  }
  const Node& who = spiffe != nullptr ? *spiffe : *name;
  const std::string text = ReadLine(context, who, kAccessNameBytesMax);
  if (spiffe != nullptr && !text.empty() && !IsSpiffeId(text)) {
    context.Error(who, kBadAccess, "'" + text + "' is no SPIFFE id",
                  "such as spiffe://shop.example/checkout");
  }
  auto& known = spiffe != nullptr ? rules.spiffe_ids : rules.certificates;
  if (!text.empty() && !known.emplace(text, given).second) {
    context.Error(who, kBadAccess, "'" + text + "' stands here twice");
  }
}

std::map<std::string, app::RoleSet> ReadMapping(const FileContext& context, const Node& node,
                                                std::string_view where) {
  std::map<std::string, app::RoleSet> mapping;
  if (!node.is_map() || node.entries.size() > kMappingsMax) {
    context.Error(node, kBadAccess,
                  std::string(where) + " must be a mapping of at most " +
                      std::to_string(kMappingsMax) + " names, each to its roles");
    return mapping;
  }
  for (const Node::Entry& entry : node.entries) {
    mapping.emplace(entry.key.text, ReadRoles(context, entry.value));
  }
  return mapping;
}

void ReadAlgorithms(const FileContext& context, const Node& node, IssuerRules& rules) {
  for (const Node& item : Items(context, node, "algorithms", jose::kAlgorithms.size())) {
    if (!item.is_scalar() || jose::FindAlgorithm(item.text) == nullptr) {
      std::string known;
      for (const jose::Algorithm& algorithm : jose::kAlgorithms) {
        known += (known.empty() ? "" : ", ") + std::string(algorithm.name);
      }
      context.Error(item, kBadAccess,
                    "'" + item.text + "' is no algorithm that tokens may be signed by",
                    "one of: " + known);
    } else {
      rules.algorithms.push_back(item.text);
    }
  }
  if (node.is_list() && node.items.empty()) {
    context.Error(node, kBadAccess, "there must be an algorithm at least");
  }
}

void ReadIssuer(const FileContext& context, const Node& node, const std::string& folder,
                AccessRules& rules) {
  const Fields fields(context, node, "an issuer of tokens",
                      {{"issuer", Presence::kRequired},
                       {"audience", Presence::kRequired},
                       {"algorithms", Presence::kRequired},
                       {"keys", Presence::kRequired},
                       {"leeway"},
                       {"groups_claim"},
                       {"groups"},
                       {"subjects"}});
  IssuerRules issuer;
  if (const Node* name = fields.Find("issuer")) {
    issuer.issuer = ReadLine(context, *name, kAccessNameBytesMax);
    for (const IssuerRules& other : rules.issuers) {
      if (other.issuer == issuer.issuer) {
        context.Error(*name, kBadAccess, "'" + issuer.issuer + "' stands here twice");
      }
    }
  }
  if (const Node* audience = fields.Find("audience")) {
    issuer.audiences =
        ReadLines(context, *audience, "audience", kAudiencesMax, kAccessNameBytesMax);
  }
  if (const Node* algorithms = fields.Find("algorithms")) {
    ReadAlgorithms(context, *algorithms, issuer);
  }
  if (const Node* keys = fields.Find("keys")) {
    const std::string path = ReadLine(context, *keys, kAccessNameBytesMax);
    issuer.keys = (std::filesystem::path(folder) / path).string();
  }
  issuer.leeway = std::chrono::seconds{30};
  if (const Node* leeway = fields.Find("leeway")) {
    issuer.leeway =
        policy::ReadDuration(context, *leeway, {Duration{0}, kLeewayMax}).value_or(Duration{0});
  }
  const Node* const claim = fields.Find("groups_claim");
  const Node* const groups = fields.Find("groups");
  const Node* const subjects = fields.Find("subjects");
  if (claim != nullptr) {
    issuer.groups_at = ReadLines(context, *claim, "groups_claim", kClaimDepthMax, kClaimBytesMax);
  }
  if (groups != nullptr) {
    issuer.groups = ReadMapping(context, *groups, "groups");
  }
  if (subjects != nullptr) {
    issuer.subjects = ReadMapping(context, *subjects, "subjects");
  }
  if (fields.is_map() && (claim == nullptr) != (groups == nullptr)) {
    context.Error(node, kBadAccess, "'groups_claim' and 'groups' need each other");
  } else if (fields.is_map() && groups == nullptr && subjects == nullptr) {
    context.Error(node, kBadAccess, "nobody has a role by this issuer",
                  "give 'groups_claim' with 'groups', or 'subjects'");
  }
  rules.issuers.push_back(std::move(issuer));
}

}  // namespace

Result<AccessRules> ParseAccessFile(const std::string& path, std::string text) {
  const policy::SourceFile file(path, std::move(text));
  policy::DiagnosticSink sink;
  const FileContext context{file, sink};
  AccessRules rules;
  if (const auto root = policy::ReadYaml(file, sink)) {
    const Fields fields(context, *root, "the access file", {{"certificates"}, {"tokens"}});
    if (const Node* certificates = fields.Find("certificates")) {
      for (const Node& item : Items(context, *certificates, "certificates", kCertificatesMax)) {
        ReadCertificate(context, item, rules);
      }
    }
    if (const Node* tokens = fields.Find("tokens")) {
      const std::string folder = std::filesystem::path(path).parent_path().string();
      for (const Node& item : Items(context, *tokens, "tokens", kIssuersMax)) {
        ReadIssuer(context, item, folder, rules);
      }
    }
    if (!sink.has_errors() && !rules.knows_certificates() && rules.issuers.empty()) {
      context.Error(*root, kBadAccess, "nobody may call by this file",
                    "give 'certificates' or 'tokens'");
    }
  }
  if (sink.has_errors()) {
    return Status(Code::kInvalidArgument, "ACCESS_FILE",
                  "the access file cannot be used:\n" + policy::Render(sink.Take()));
  }
  return rules;
}

Result<AccessRules> ReadAccessFile(const std::string& path) {
  KULANZ_ASSIGN_OR_RETURN(std::string text, adapters::ReadSmallFile(path, kAccessBytesMax));
  return ParseAccessFile(path, std::move(text));
}

}  // namespace kulanz::server
