// @text, @json, @html, @uri, @csv, @tsv, @sh, @base64, @base64d and their kin.
#pragma once

#include <string>

#include "expr/compiler.h"
#include "expr/meter.h"
#include "expr/native.h"
#include "json/value.h"

namespace pawl::expr {

// Everything but letters, digits and - _ . ~ as %XX (RFC 3986 section 2.3).
void append_percent_encoded(char c, std::string& out);

Outcome formatted(Meter& meter, Format format, const json::Value& value);

}  // namespace pawl::expr
