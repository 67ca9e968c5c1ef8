// Library: the functions that every environment has, by name.
//
// Built once per process from the areas below, one file each (library_*.cc). Operators are functions
// too, under CEL's names for them. An implementation serves all its overloads' kinds only; the planner
// calls it directly when the checker found one overload, and by the arguments' kinds otherwise.
//
// Thread-safety: immutable after construction.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "service/cel/function.h"
#include "service/cel/type.h"

namespace kulanz::cel {

class Library {
 public:
  // The standard library with strings, math, optionals and the goodwill types.
  static const Library& Standard();

  const Function* Find(std::string_view name) const;
  const std::map<std::string, Function, std::less<>>& functions() const { return functions_; }

  // Used by the areas while the library is built.
  void Add(std::string_view name, std::string_view overload_id, std::vector<Type> parameters,
           Type result, Implementation implementation);
  void AddMethod(std::string_view name, std::string_view overload_id, std::vector<Type> parameters,
                 Type result, Implementation implementation);

 private:
  std::map<std::string, Function, std::less<>> functions_;
};

void AddOperators(Library& library);    // comparison, logic, index, in, size, type
void AddArithmetic(Library& library);   // + - * / % on numbers, texts and lists
void AddConversions(Library& library);  // int(), uint(), double(), string(), bytes(), bool(), dyn()
void AddTime(Library& library);         // timestamps and durations
void AddStrings(Library& library);      // contains ... trim, matches
void AddFormat(Library& library);       // string.format, strings.quote
void AddMath(Library& library);         // math.*
void AddOptionals(Library& library);    // optional.*
void AddDecimals(Library& library);     // decimal, percent
void AddMoney(Library& library);        // money
void AddSums(Library& library);         // sum(list)
void AddDates(Library& library);        // date
void AddLocalTime(Library& library);    // date.at("21:00")
void AddCalendars(Library& library);    // working days, opening hours, rate tables

}  // namespace kulanz::cel
