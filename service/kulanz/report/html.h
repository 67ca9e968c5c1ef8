// HTML text that is safe to build a page from. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace kulanz::command {

// `text` as content or as a quoted attribute's value: markup is escaped; what is no UTF-8, control
// characters and marks that turn the direction of writing become visible replacements.
std::string Html(std::string_view text);

// Something that came from outside (a customer id): as above, and kept apart from the text around it.
std::string Foreign(std::string_view text);

// <tag>content</tag>; the content is HTML already.
std::string Element(std::string_view tag, std::string_view content,
                    std::string_view attributes = "");

// A titled box; the content is HTML already.
std::string Card(std::string_view heading, const std::string& content);

}  // namespace kulanz::command
