#include "service/adapters/grpc/field_path.h"

#include "service/adapters/grpc/text.h"

namespace kulanz::rpc {
namespace {

// A map key as a literal: quotes and backslashes escaped, what cannot be shown as \?.
std::string Quoted(std::string_view key) {
  std::string out = "\"";
  std::string_view rest = key;
  while (!rest.empty()) {
    if (key.size() - rest.size() >= FieldPath::kKeyBytesShown) {
      out += "...";
      break;
    }
    const DecodedSymbol symbol = DecodeSymbol(rest);
    if (symbol.bytes == 0) {
      out += "\\?";  // Not UTF-8: shown, never sent.
      rest.remove_prefix(1);
      continue;
    }
    const std::string_view text = rest.substr(0, symbol.bytes);
    if (!IsPrintable(symbol.code_point)) {
      out += "\\?";
    } else if (text == "\"" || text == "\\") {
      out += '\\';
      out += text;
    } else {
      out += text;
    }
    rest.remove_prefix(symbol.bytes);
  }
  return out + '"';
}

}  // namespace

std::string FieldPath::Text() const {
  std::string text = parent_ == nullptr ? std::string() : parent_->Text();
  switch (link_) {
    case Link::kRoot:
      break;
    case Link::kField:
      text += text.empty() ? "" : ".";
      text += name_;
      break;
    case Link::kKey:
      text += '[' + Quoted(name_) + ']';
      break;
    case Link::kIndex:
      text += '[' + std::to_string(index_) + ']';
      break;
  }
  return text;
}

}  // namespace kulanz::rpc
