#include "service/policy/zone_names.h"

#include <fstream>
#include <sstream>

namespace kulanz::policy {

std::vector<std::string> ReadZoneNames() {
  std::vector<std::string> names;
  std::ifstream file("/usr/share/zoneinfo/tzdata.zi");
  std::string line;
  while (std::getline(file, line)) {
    // "Z Europe/Berlin 0:53:28 - LMT ..." defines a zone, "L Europe/Berlin Europe/Stockholm" a further name.
    std::istringstream words(line);
    std::string kind;
    std::string first;
    std::string second;
    words >> kind >> first >> second;
    if (kind == "Z") {
      names.push_back(first);
    } else if (kind == "L") {
      names.push_back(second);
    }
  }
  return names;
}

}  // namespace kulanz::policy
