#include "service/cel/environment.h"

#include <algorithm>
#include <utility>

#include "service/base/ascii.h"
#include "service/cel/lexer.h"
#include "service/cel/limits.h"

namespace kulanz::cel {
namespace {

Status BadDeclaration(std::string_view name, std::string_view why) {
  return {Code::kInvalidArgument, "BAD_DECLARATION",
          "'" + std::string(name) + "' " + std::string(why)};
}

// "a", "a.b_c": what an expression can spell.
bool IsName(std::string_view name) {
  bool at_start = true;
  for (const char c : name) {
    if (c == '.' ? at_start : !IsNamePart(c) || (at_start && IsDigit(c))) {
      return false;
    }
    at_start = c == '.';
  }
  return !at_start;
}

// Whether a record is the type, or within it.
bool HoldsRecord(const Type& type) {
  return type.is(Type::Kind::kRecord) ||
         std::any_of(type.parameters().begin(), type.parameters().end(), HoldsRecord);
}

}  // namespace

Environment::Environment(Mode mode) : mode_(mode) {}

bool Environment::KnowsRecordsOf(const Type& type) const {
  return type.is(Type::Kind::kRecord)
             ? records_.contains(type.name())
             : std::all_of(type.parameters().begin(), type.parameters().end(),
                           [this](const Type& part) { return KnowsRecordsOf(part); });
}

Status Environment::Declare(Declaration declaration) {
  Field& field = declaration.field;
  if (!IsName(field.name)) {
    return BadDeclaration(field.name, "is no name");
  }
  if (!KnowsRecordsOf(field.type)) {
    return BadDeclaration(field.name, "is of a record type that is not declared");
  }
  if (declarations_.contains(field.name) || structs_.contains(field.name)) {
    return BadDeclaration(field.name, "is declared already");
  }
  if (!declaration.constant) {
    field.slot = field.slot < 0 ? slot_count_ : field.slot;
    if (field.slot >= kMaxSlots) {
      return BadDeclaration(field.name, "has a slot above the limit");
    }
    slot_count_ = std::max(slot_count_, field.slot + 1);
  }
  std::string name = field.name;
  declarations_.emplace(std::move(name), std::move(declaration));
  return Status::Ok();
}

Status Environment::AddVariable(Field variable) {
  return Declare({std::move(variable), std::nullopt});
}

Status Environment::AddStruct(std::string_view name, std::vector<Field> fields) {
  if (!IsName(name) || declarations_.contains(name)) {
    return BadDeclaration(name, "is no name, or is declared already");
  }
  std::vector<std::string>& names = structs_[std::string(name)];
  for (Field& field : fields) {
    if (field.name.find('.') != std::string::npos) {
      return BadDeclaration(field.name, "is no name of a field");
    }
    field.name = std::string(name) + "." + field.name;
    std::string full_name = field.name;
    if (Status status = Declare({std::move(field), std::nullopt}); !status.ok()) {
      return status;
    }
    names.push_back(std::move(full_name));
  }
  std::sort(names.begin(), names.end());
  return Status::Ok();
}

Status Environment::AddRecord(std::string_view name, std::vector<Field> fields) {
  if (!IsName(name) || records_.contains(name)) {
    return BadDeclaration(name, "is no name, or is a record type already");
  }
  std::sort(fields.begin(), fields.end(),
            [](const Field& a, const Field& b) { return a.name < b.name; });
  int place = 0;
  for (Field& field : fields) {
    if (!IsName(field.name) || field.name.find('.') != std::string::npos) {
      return BadDeclaration(field.name, "is no name of a field");
    }
    if (place > 0 && fields[static_cast<std::size_t>(place) - 1].name == field.name) {
      return BadDeclaration(field.name, "is declared already");
    }
    if (HoldsRecord(field.type)) {
      return BadDeclaration(field.name, "is a record within a record");
    }
    field.slot = place++;
  }
  records_.emplace(name, std::move(fields));
  return Status::Ok();
}

Status Environment::AddConstant(std::string_view name, Type type, Value value) {
  Field field;
  field.name = name;
  field.type = std::move(type);
  if (value.kind() == Kind::kMoney) {
    field.currency = value.as_money().currency;
  }
  return Declare({std::move(field), value});
}

Status Environment::AddFunction(Function function) {
  for (const Overload& overload : function.overloads) {
    if (overload.parameters.size() > kMaxParameters) {
      return BadDeclaration(overload.id, "has too many parameters");
    }
    if (!KnowsRecordsOf(overload.result) ||
        !std::all_of(overload.parameters.begin(), overload.parameters.end(),
                     [this](const Type& type) { return KnowsRecordsOf(type); })) {
      return BadDeclaration(overload.id, "is of a record type that is not declared");
    }
  }
  Function& known = functions_[function.name];
  known.name = function.name;
  for (Overload& overload : function.overloads) {
    known.overloads.push_back(std::move(overload));
  }
  return Status::Ok();
}

Status Environment::AddCalendar(std::string_view name, std::shared_ptr<const Calendar> calendar) {
  if (!calendars_.emplace(name, std::move(calendar)).second) {
    return BadDeclaration(name, "is a calendar already");
  }
  return Status::Ok();
}

Status Environment::AddRateTable(std::string_view name, std::shared_ptr<const RateTable> table) {
  if (!rate_tables_.emplace(name, std::move(table)).second) {
    return BadDeclaration(name, "is a rate table already");
  }
  return Status::Ok();
}

void Environment::SetZone(TimeZone zone) { zone_ = zone; }
void Environment::SetContainer(std::string_view container) { container_ = container; }

std::optional<int> Environment::SlotOf(std::string_view name) const {
  const Declaration* const declaration = Find(name);
  if (declaration == nullptr || declaration->constant) {
    return std::nullopt;
  }
  return declaration->field.slot;
}

const Environment::Declaration* Environment::Find(std::string_view name) const {
  const auto found = declarations_.find(name);
  return found == declarations_.end() ? nullptr : &found->second;
}

bool Environment::IsStruct(std::string_view name) const { return structs_.contains(name); }

const std::vector<Field>* Environment::FindRecord(std::string_view name) const {
  const auto found = records_.find(name);
  return found == records_.end() ? nullptr : &found->second;
}

std::vector<std::string_view> Environment::Names() const {
  std::vector<std::string_view> names;
  for (const auto& [name, declaration] : declarations_) {
    names.push_back(name);
  }
  for (const auto& [name, fields] : structs_) {
    names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string_view> Environment::FieldNames(std::string_view struct_name) const {
  std::vector<std::string_view> names;
  const auto found = structs_.find(struct_name);
  if (found != structs_.end()) {
    for (const std::string& full_name : found->second) {
      names.push_back(std::string_view(full_name).substr(struct_name.size() + 1));
    }
  }
  return names;
}

const Calendar* Environment::FindCalendar(std::string_view name) const {
  const auto found = calendars_.find(name);
  return found == calendars_.end() ? nullptr : found->second.get();
}

const RateTable* Environment::FindRateTable(std::string_view name) const {
  const auto found = rate_tables_.find(name);
  return found == rate_tables_.end() ? nullptr : found->second.get();
}

}  // namespace kulanz::cel
