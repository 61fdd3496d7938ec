#include "dsl/core_schema.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "json/parse.h"

namespace pawl::dsl {
namespace {

template <std::size_t N>
bool is_one_of(std::string_view text, const std::array<std::string_view, N>& words) {
  return std::ranges::find(words, text) != words.end();
}

bool is_null(std::string_view text) {
  static constexpr std::array<std::string_view, 5> words{"", "~", "null", "Null", "NULL"};
  return is_one_of(text, words);
}

bool is_true(std::string_view text) {
  static constexpr std::array<std::string_view, 3> words{"true", "True", "TRUE"};
  return is_one_of(text, words);
}

bool is_false(std::string_view text) {
  static constexpr std::array<std::string_view, 3> words{"false", "False", "FALSE"};
  return is_one_of(text, words);
}

bool is_not_finite(std::string_view text) {
  static constexpr std::array<std::string_view, 3> nan{".nan", ".NaN", ".NAN"};
  static constexpr std::array<std::string_view, 3> infinity{".inf", ".Inf", ".INF"};
  if (is_one_of(text, nan)) return true;
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  return is_one_of(text, infinity);
}

std::size_t count_digits(std::string_view text) {
  const std::size_t end = text.find_first_not_of("0123456789");
  return end == text.npos ? text.size() : end;
}

// The parts of [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
struct Decimal {
  bool matches = false, negative = false;
  std::string_view whole, fraction, exponent;  // the exponent with its sign
  bool is_integer = false;                     // as it is written: neither point nor exponent
};

Decimal match_decimal(std::string_view text) {
  Decimal decimal;
  if (text.starts_with('-') || text.starts_with('+')) {
    decimal.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  decimal.whole = text.substr(0, count_digits(text));
  text.remove_prefix(decimal.whole.size());
  decimal.is_integer = text.empty();
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    decimal.fraction = text.substr(0, count_digits(text));
    text.remove_prefix(decimal.fraction.size());
  }
  if (decimal.whole.empty() && decimal.fraction.empty()) return decimal;
  if (text.starts_with('e') || text.starts_with('E')) {
    decimal.exponent = text.substr(1);
    const bool is_signed = decimal.exponent.starts_with('-') || decimal.exponent.starts_with('+');
    const std::string_view digits = decimal.exponent.substr(is_signed ? 1 : 0);
    if (digits.empty() || count_digits(digits) != digits.size()) return decimal;
    text = {};
  }
  decimal.matches = text.empty();
  return decimal;
}

// The JSON number with the same value.
std::expected<json::Value, std::string> value_of(const Decimal& decimal) {
  std::string_view whole = decimal.whole;
  whole.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size()));
  std::string text = decimal.negative ? "-" : "";
  text += whole.empty() ? "0" : whole;
  if (!decimal.fraction.empty()) (text += '.') += decimal.fraction;
  if (!decimal.exponent.empty()) (text += 'e') += decimal.exponent;
  if (decimal.is_integer) {
    std::int64_t integer = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), integer);
    if (failure == std::errc{}) return json::Value::integer(integer);
  }
  auto value = json::parse(text);
  if (!value) return std::unexpected("a number beyond the range of a double");
  return *value;
}

// 0o17 or 0xff. Unlike decimal ones, these have no form that keeps more than 64 bits.
std::expected<json::Value, std::string> based_integer(std::string_view digits, int base) {
  std::int64_t integer = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), integer, base);
  if (failure != std::errc{}) return std::unexpected("a number beyond 64 bits: write it in decimal");
  return json::Value::integer(integer);
}

bool is_octal(std::string_view text) {
  return text.size() > 2 && text.starts_with("0o") && text.find_first_not_of("01234567", 2) == text.npos;
}

bool is_hexadecimal(std::string_view text) {
  return text.size() > 2 && text.starts_with("0x") && text.find_first_not_of("0123456789abcdefABCDEF", 2) == text.npos;
}

bool may_be_number(std::string_view text) {
  return !text.empty() && std::string_view("+-.0123456789").contains(text[0]);
}

}  // namespace

std::expected<json::Value, std::string> plain_scalar(std::string_view text) {
  if (is_null(text)) return json::Value();
  if (is_true(text)) return json::Value(true);
  if (is_false(text)) return json::Value(false);
  if (may_be_number(text)) {
    if (is_octal(text)) return based_integer(text.substr(2), 8);
    if (is_hexadecimal(text)) return based_integer(text.substr(2), 16);
    if (is_not_finite(text)) return std::unexpected("JSON has no infinity and no NaN");
    if (const Decimal decimal = match_decimal(text); decimal.matches) return value_of(decimal);
  }
  return json::Value::string(text);
}

std::expected<json::Value, std::string> tagged_scalar(std::string_view kind, std::string_view text) {
  if (kind == "str") return json::Value::string(text);
  auto value = plain_scalar(text);
  if (!value) return value;
  const bool fits =
      (kind == "null" && value->is_null()) || (kind == "bool" && value->is_boolean()) ||
      (kind == "float" && value->is_number()) ||
      (kind == "int" && value->is_number() && (match_decimal(text).is_integer || !match_decimal(text).matches));
  if (!fits) return std::unexpected("the text is no value of the tag !!" + std::string(kind));
  return value;
}

}  // namespace pawl::dsl
