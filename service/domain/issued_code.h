// IssuedCode: what a customer is told to type at checkout: a code of ours, or one of a shop's own pool.
//
// A bearer secret; prints masked. A prefix goes before codes of ours only: the shop's engine knows its own
// codes to the letter.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "service/domain/pool_code.h"
#include "service/domain/voucher_code.h"

namespace kulanz {

class IssuedCode {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): each of them is one.
  IssuedCode(VoucherCode code) : code_(code) {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  IssuedCode(PoolCode code) : code_(std::move(code)) {}

  bool is_from_pool() const { return std::holds_alternative<PoolCode>(code_); }
  std::string Reveal(std::string_view prefix = {}) const {
    const auto* ours = std::get_if<VoucherCode>(&code_);
    return ours != nullptr ? ours->Reveal(prefix) : std::get<PoolCode>(code_).Reveal();
  }

  friend bool operator==(const IssuedCode&, const IssuedCode&) = default;
  friend std::ostream& operator<<(std::ostream& out, const IssuedCode& code) {
    std::visit([&out](const auto& masked) { out << masked; }, code.code_);
    return out;
  }

 private:
  std::variant<VoucherCode, PoolCode> code_;
};

}  // namespace kulanz
