// CustomerMap: which columns of a data file become which parts of a customer: of a file of customers, and
// of what rows of incidents say about theirs.
//
// Without a map: columns by name (customer_id, given_name, family_name, salutation, email, locale,
// time_zone, customer_since, orders_completed, lifetime_value, currency, segment, tags, preferred_channel,
// contact_consent, blocked), and every other column is an attribute. Thread-safety: immutable once made.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "service/base/result.h"
#include "service/domain/customer.h"
#include "service/kulanz/data/data_table.h"
#include "service/kulanz/data/map_file.h"
#include "service/kulanz/data/source.h"

namespace kulanz::command {

class CustomerMap {
 public:
  // Of a file of customers: the map's section `customers`, and columns by name.
  //   INVALID_ARGUMENT / MAP with every problem, file:line:column.
  static Result<CustomerMap> Make(const MapFile& map, const DataTable& table);
  // Of rows of incidents: only what `section` names.
  static CustomerMap Of(const policy::FileContext& context, const policy::Node& section,
                        const SourceReader& sources);

  // Sets what the row says; the rest stays. Returns everything that is wrong with it, or "".
  std::string Apply(const DataRow& row, Customer& customer) const;

 private:
  void ReadSection(const policy::FileContext& context, const policy::Node& section,
                   const SourceReader& sources);

  std::map<std::string, Source, std::less<>> parts_;
  std::map<std::string, Source, std::less<>> attributes_;
};

// The defaults that stand at the top of a map: `zone`, `times`, `decimal_comma`.
MapDefaults ReadDefaults(const policy::FileContext& context, const policy::Node* root);
// An id as the API takes it: 1 to 128 bytes without control characters; else why it is none.
std::string IdProblem(std::string_view name, std::string_view id);

}  // namespace kulanz::command
