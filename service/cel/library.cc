#include "service/cel/library.h"

#include "service/cel/named_arguments.h"

namespace kulanz::cel {

const Library& Library::Standard() {
  static const Library* const library = [] {
    auto* const built = new Library;  // never destroyed: programs point into it
    for (const auto add :
         {AddOperators, AddArithmetic, AddConversions, AddTime, AddStrings, AddFormat, AddMath,
          AddOptionals, AddDecimals, AddMoney, AddSums, AddDates, AddLocalTime, AddCalendars}) {
      add(*built);
    }
    return built;
  }();
  return *library;
}

const Function* Library::Find(std::string_view name) const {
  const auto found = functions_.find(name);
  return found == functions_.end() ? nullptr : &found->second;
}

void Library::Add(std::string_view name, std::string_view overload_id, std::vector<Type> parameters,
                  Type result, Implementation implementation) {
  Function& function = functions_[std::string(name)];
  function.name = name;
  function.overloads.push_back({.id = std::string(overload_id),
                                .parameters = std::move(parameters),
                                .result = std::move(result),
                                .is_method = false,
                                .implementation = implementation,
                                .named = NamedArgumentsOf(overload_id),
                                .takes_zone = TakesDefaultZone(overload_id)});
}

void Library::AddMethod(std::string_view name, std::string_view overload_id,
                        std::vector<Type> parameters, Type result, Implementation implementation) {
  Add(name, overload_id, std::move(parameters), std::move(result), implementation);
  functions_.find(name)->second.overloads.back().is_method = true;
}

}  // namespace kulanz::cel
