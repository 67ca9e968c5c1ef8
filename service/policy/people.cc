#include "service/policy/people.h"

#include <algorithm>
#include <utility>

#include "service/domain/customer.h"
#include "service/policy/diagnostic_ids.h"
#include "service/policy/incident_type_reader.h"
#include "service/policy/scalars.h"

namespace kulanz::policy {
namespace {

// An address that may stand in a header as it is: one '@', no blanks, no brackets, ASCII only.
bool IsAddress(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == 0 || at == std::string_view::npos || at + 1 == text.size() ||
      text.find('@', at + 1) != std::string_view::npos || text.size() > kEmailBytesMax) {
    return false;
  }
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c > 0x20 && c < 0x7F &&
           std::string_view("<>()[],;:\\\"").find(c) == std::string_view::npos;
  });
}

std::string ReadAddress(const FileContext& context, const Node& node) {
  std::optional<std::string> text = ReadText(context, node, kEmailBytesMax);
  if (text && !IsAddress(*text)) {
    context.Error(node, diagnostic_id::kBadEmail, "'" + *text + "' is not an e-mail address",
                  "write the bare address, e.g. anna@example.com");
  }
  return text.value_or("");
}

Person ReadPerson(const FileContext& context, const Node::Entry& entry) {
  Person person;
  person.key = entry.key.text;
  if (!IsName(person.key, '-')) {
    context.Error(entry.key, diagnostic_id::kBadName,
                  "'" + person.key + "' is not a name for a person",
                  "the key is a lower-case letter, then lower-case letters, digits and '-'");
  }
  const Fields fields(context, entry.value, "a person",
                      {{"name", Presence::kRequired},
                       {"role", Presence::kRequired},
                       {"email", Presence::kRequired},
                       {"reply_to"}});
  if (const Node* name = fields.Find("name")) {
    person.name = ReadText(context, *name, kNameBytesMax).value_or("");
  }
  if (const Node* role = fields.Find("role")) {
    person.role = ReadText(context, *role, kNameBytesMax).value_or("");
  }
  if (const Node* email = fields.Find("email")) {
    person.email = ReadAddress(context, *email);
  }
  const Node* reply_to = fields.Find("reply_to");
  person.reply_to = reply_to != nullptr ? ReadAddress(context, *reply_to) : person.email;
  return person;
}

}  // namespace

People ReadPeople(const FileContext& context, const Node& root) {
  People people;
  const Fields fields(context, root, "people.yaml",
                      {{"kulanz", Presence::kRequired}, {"people", Presence::kRequired}});
  CheckVersion(context, fields);
  const Node* list = fields.Find("people");
  if (list == nullptr) {
    return people;
  }
  if (!list->is_map()) {
    context.Error(
        *list, diagnostic_id::kWrongShape,
        "'people' must be a mapping (key: {name: ...}), not " + std::string(ShapeName(*list)));
    return people;
  }
  if (list->entries.size() > kPeopleMax) {
    context.Error(list->entries[kPeopleMax].key, diagnostic_id::kTooManyItems,
                  "there may be at most " + std::to_string(kPeopleMax) + " people");
    return people;
  }
  for (const Node::Entry& entry : list->entries) {
    Person person = ReadPerson(context, entry);
    std::string key = person.key;
    people.emplace(std::move(key), std::move(person));
  }
  return people;
}

}  // namespace kulanz::policy
