#include "json/number.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "json/write.h"

namespace pawl::json {

namespace {

// 0.d1d2d3… scaled: value = d1.d2d3… × 10^exponent. Without digits it is zero.
struct Decimal {
  bool negative = false;
  std::string digits;  // neither the first nor the last is 0
  std::int64_t exponent = 0;

  bool operator==(const Decimal&) const = default;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// An exponent of more digits than this is out of any range; adding it up could overflow.
constexpr std::int64_t exponent_bound = 1'000'000'000;

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  // False when the text is no JSON number.
  bool scan(Decimal& out) {
    out.negative = accept('-');
    const std::size_t whole_begin = at_;
    const std::string_view whole = digits();
    if (whole.empty() || (whole.size() > 1 && text_[whole_begin] == '0')) return false;
    std::string_view fraction;
    if (accept('.')) {
      fraction = digits();
      if (fraction.empty()) return false;
    }
    std::int64_t exponent = 0;
    if ((accept('e') || accept('E')) && !scan_exponent(exponent)) return false;
    if (at_ != text_.size()) return false;
    out.digits.reserve(whole.size() + fraction.size());
    out.digits.append(whole).append(fraction);
    out.exponent = exponent + static_cast<std::int64_t>(whole.size()) - 1;
    trim(out);
    return true;
  }

 private:
  bool accept(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  std::string_view digits() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  bool scan_exponent(std::int64_t& exponent) {
    const bool negative = accept('-');
    if (!negative) accept('+');
    const std::string_view text = digits();
    if (text.empty()) return false;
    for (char c : text) exponent = std::min(exponent * 10 + (c - '0'), exponent_bound);
    if (negative) exponent = -exponent;
    return true;
  }

  static void trim(Decimal& out) {
    const std::size_t first = out.digits.find_first_not_of('0');
    if (first == std::string::npos) {
      out = Decimal{};
      return;
    }
    out.digits.erase(0, first);
    out.exponent -= static_cast<std::int64_t>(first);
    out.digits.erase(out.digits.find_last_not_of('0') + 1);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

Decimal decimal_of(double number) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, number, std::chars_format::scientific).ptr;
  Decimal decimal;
  Scanner({text, end}).scan(decimal);
  return decimal;
}

// Without an exponent from 1e-4 up to below 1e17, and as long as no zeros have to be made up; jq prints alike.
void layout(const Decimal& number, std::string& out) {
  constexpr std::int64_t smallest_plain = -4, longest_plain = 17;
  if (number.digits.empty()) {
    out += '0';
    return;
  }
  if (number.negative) out += '-';
  const auto count = static_cast<std::int64_t>(number.digits.size());
  const std::int64_t exponent = number.exponent;
  if (exponent < smallest_plain || exponent >= std::max(longest_plain, count)) {
    out += number.digits[0];
    if (count > 1) out.append(".").append(number.digits, 1);
    out.append("e").append(std::to_string(exponent));
  } else if (exponent < 0) {
    out.append("0.").append(static_cast<std::size_t>(-exponent - 1), '0').append(number.digits);
  } else if (count <= exponent + 1) {
    out.append(number.digits).append(static_cast<std::size_t>(exponent + 1 - count), '0');
  } else {
    const auto point = static_cast<std::size_t>(exponent + 1);
    out.append(number.digits, 0, point).append(".").append(number.digits, point);
  }
}

// Whole and within 64 bits, or nothing.
bool whole_number(const Decimal& number, std::int64_t& out) {
  constexpr std::int64_t most_digits = 19;
  const auto count = static_cast<std::int64_t>(number.digits.size());
  if (number.exponent < count - 1 || number.exponent >= most_digits) return false;
  std::string text = number.negative ? "-" : "";
  text.append(number.digits).append(static_cast<std::size_t>(number.exponent + 1 - count), '0');
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

// The usual case, without a Decimal: digits only, few enough to fit.
bool small_integer(std::string_view text, std::int64_t& out) {
  constexpr std::size_t most_characters = 18;
  const std::size_t sign = text.starts_with('-') ? 1 : 0;
  if (text.size() > most_characters || text.size() == sign || !std::all_of(text.begin() + sign, text.end(), is_digit)) {
    return false;
  }
  if (text[sign] == '0' && text.size() > sign + 1) return false;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return true;
}

}  // namespace

std::expected<Value, NumberError> parse_number(std::string_view text) {
  std::int64_t whole = 0;
  if (small_integer(text, whole)) return Value::integer(whole);
  Decimal decimal;
  if (!Scanner(text).scan(decimal)) return std::unexpected(NumberError::malformed);
  if (decimal.digits.empty()) return Value::integer(0);
  if (whole_number(decimal, whole)) return Value::integer(whole);
  double nearest = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), nearest).ec != std::errc{}) {
    if (decimal.exponent > 0) return std::unexpected(NumberError::out_of_range);
    nearest = 0;
  }
  if (decimal_of(nearest) == decimal) return Value::number(nearest);
  if (static_cast<std::int64_t>(decimal.digits.size()) - 1 - decimal.exponent > fraction_digits) {
    return std::unexpected(NumberError::out_of_range);
  }
  std::string canonical;
  layout(decimal, canonical);
  return Value::digits(nearest, canonical);
}

std::strong_ordering compare_digits(std::string_view a, std::string_view b) {
  Decimal x, y;
  Scanner(a).scan(x);
  Scanner(b).scan(y);
  auto sign = [](const Decimal& number) { return number.digits.empty() ? 0 : number.negative ? -1 : 1; };
  if (sign(x) != sign(y)) return sign(x) <=> sign(y);
  const auto magnitude = x.exponent != y.exponent ? x.exponent <=> y.exponent : x.digits <=> y.digits;
  return x.negative ? 0 <=> magnitude : magnitude;
}

void write_number(double number, std::string& out) {
  if (std::isnan(number)) {
    out += "null";
    return;
  }
  constexpr double largest = std::numeric_limits<double>::max();
  layout(decimal_of(std::clamp(number, -largest, largest)), out);
}

}  // namespace pawl::json
