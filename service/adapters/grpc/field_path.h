// FieldPath: where in a request a value stands, e.g. `incident.attributes["promised_at"]`.
//
// A chain of links on the stack, turned into text only when something is wrong, so that a good request
// pays nothing for it. A path must not outlive its parent, nor the names in it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace kulanz::rpc {

class FieldPath {
 public:
  // The request itself; its text is "".
  constexpr FieldPath() = default;

  constexpr FieldPath Field(std::string_view name) const& { return {this, Link::kField, name, 0}; }
  constexpr FieldPath Key(std::string_view key) const& { return {this, Link::kKey, key, 0}; }
  constexpr FieldPath Index(std::size_t index) const& { return {this, Link::kIndex, {}, index}; }
  // Of a temporary: the link would outlive it.
  FieldPath Field(std::string_view name) const&& = delete;
  FieldPath Key(std::string_view key) const&& = delete;
  FieldPath Index(std::size_t index) const&& = delete;

  // Keys are cut after kKeyBytesShown bytes and escaped, so that the text is bounded and printable.
  std::string Text() const;

  static constexpr std::size_t kKeyBytesShown = 64;

 private:
  enum class Link : unsigned char { kRoot, kField, kKey, kIndex };
  constexpr FieldPath(const FieldPath* parent, Link link, std::string_view name, std::size_t index)
      : parent_(parent), name_(name), index_(index), link_(link) {}

  const FieldPath* parent_ = nullptr;
  std::string_view name_;
  std::size_t index_ = 0;
  Link link_ = Link::kRoot;
};

// Where the paths of all fields begin.
inline constexpr FieldPath kRequest;

}  // namespace kulanz::rpc
