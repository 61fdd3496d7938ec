#include "base/digits.h"

namespace pawl {
namespace {

constexpr std::size_t digits_at_most = 17;  // 10^17 - 1 fits in 63 bits with room for a few sums

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

void append_padded(std::string& out, std::uint64_t value, int width) {
  const std::string digits = std::to_string(value);
  for (int i = static_cast<int>(digits.size()); i < width; ++i) out += '0';
  out += digits;
}

bool DigitReader::skip(char expected) {
  if (rest_.empty() || rest_.front() != expected) return false;
  rest_.remove_prefix(1);
  return true;
}

char DigitReader::take() {
  if (rest_.empty()) return '\0';
  const char c = rest_.front();
  rest_.remove_prefix(1);
  return c;
}

std::optional<std::int64_t> DigitReader::exactly(int width) {
  const auto wanted = static_cast<std::size_t>(width);
  if (rest_.size() < wanted) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : rest_.substr(0, wanted)) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  rest_.remove_prefix(wanted);
  return value;
}

std::optional<std::int64_t> DigitReader::number() {
  std::size_t width = 0;
  while (width < rest_.size() && is_digit(rest_[width])) ++width;
  if (width == 0 || width > digits_at_most) return std::nullopt;
  return exactly(static_cast<int>(width));
}

std::optional<std::int64_t> DigitReader::fraction_micros() {
  if (rest_.empty() || !is_digit(rest_.front())) return std::nullopt;
  std::int64_t micros = 0;
  std::int64_t unit = 100'000;
  while (!rest_.empty() && is_digit(rest_.front())) {
    micros += (take() - '0') * unit;
    unit /= 10;
  }
  return micros;
}

}  // namespace pawl
