#include "service/adapters/mail/template_variables.h"

namespace kulanz::adapters {

const VariableDeclarations& StandardVariables() {
  const auto always = [] { return VariableDeclaration{}; };
  const auto flag = [] { return VariableDeclaration{true, {}}; };
  const auto when = [](std::vector<std::string> guards) {
    return VariableDeclaration{false, std::move(guards)};
  };
  const std::vector<std::string> with_voucher = {"voucher.amount", "voucher.code",
                                                 "voucher.valid_until"};
  static const VariableDeclarations variables = {
      // Exactly one of these four holds: by salutation with a family name, by full name, by neither.
      {"customer.ms", flag()},
      {"customer.mr", flag()},
      {"customer.neutral", flag()},
      {"customer.unnamed", flag()},
      {"customer.given_name", when({"customer.given_name"})},
      {"customer.family_name", when({"customer.family_name", "customer.ms", "customer.mr"})},
      {"customer.full_name",
       when({"customer.full_name", "customer.neutral", "customer.ms", "customer.mr"})},
      {"signer.name", always()},
      {"signer.email", always()},
      {"signer.role", when({"signer.role"})},
      // All three or none: an apology may come without a voucher.
      {"voucher.amount", when(with_voucher)},
      {"voucher.code", when(with_voucher)},
      {"voucher.valid_until", when(with_voucher)},
      {"voucher.minimum_order", when({"voucher.minimum_order"})},
      {"voucher.transferable", flag()},
      {"order.id", when({"order.id"})},
      {"order.total", when({"order.total"})},
      {"order.placed_on", when({"order.placed_on"})},
      {"incident.id", always()},
      {"incident.occurred_on", always()},
      {"company.name", when({"company.name"})},
      {"company.address", when({"company.address"})},
      {"company.url", when({"company.url"})},
      {"mail.language", always()},
      {"mail.subject", always()},  // not in the subject itself
  };
  return variables;
}

}  // namespace kulanz::adapters
