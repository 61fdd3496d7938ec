// Reading and writing of fixed decimal fields, for the text forms of times and durations. Internal to base/.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pawl {

// Appends `value` in decimal, with zeros in front up to `width`.
void append_padded(std::string& out, std::uint64_t value, int width);

// Consumes `text` from the left. A failed read leaves the position where it was.
class DigitReader {
 public:
  explicit DigitReader(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  bool skip(char expected);                        // true and consumed when it is next
  char take();                                     // '\0' at the end
  std::optional<std::int64_t> exactly(int width);  // so many digits
  std::optional<std::int64_t> number();  // one digit or more; nullopt beyond 17 digits, so that sums stay exact
  // One digit or more after a decimal point, in millionths; what is beyond the sixth is cut off.
  std::optional<std::int64_t> fraction_micros();

 private:
  std::string_view rest_;
};

}  // namespace pawl
