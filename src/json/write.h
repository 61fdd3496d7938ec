// Values as text. One value has one compact text: sorted keys, no white space, numbers as rule J3 prints them.
#pragma once

#include <cstdint>
#include <string>

#include "json/value.h"

namespace pawl::json {

// Appends. Control characters, quotation mark and backslash are escaped, all else is UTF-8 as it is.
void write(const Value& value, std::string& out);

// Appends the form for people: two spaces a level, a line per item and member, no line break at the end.
void write_indented(const Value& value, std::string& out);

// Appends the text as a JSON string with its quotation marks.
void write_string(std::string_view text, std::string& out);

// Appends a double as J3 prints it: the shortest digits that read back as the same double, whole numbers below 1e17
// without exponent or point. NaN is null, infinities are the largest double, -0 is 0.
void write_number(double number, std::string& out);

}  // namespace pawl::json
