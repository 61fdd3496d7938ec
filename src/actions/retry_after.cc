#include "actions/retry_after.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

namespace pawl::actions {

namespace {

using namespace std::chrono;

constexpr seconds longest = days(30);

constexpr std::array<std::string_view, 12> month_names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> day_names{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 7> long_day_names{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                         "Thursday", "Friday", "Saturday"};

// Reads a text from the left; once something did not match, nothing does any more.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool good() const { return good_; }
  bool at_end() const { return good_ && rest_.empty(); }

  void literal(std::string_view text) {
    good_ = good_ && rest_.starts_with(text);
    if (good_) rest_.remove_prefix(text.size());
  }

  unsigned number(std::size_t digits) {
    unsigned value = 0;
    for (std::size_t i = 0; i < digits && good_; ++i) {
      good_ = i < rest_.size() && rest_[i] >= '0' && rest_[i] <= '9';
      if (good_) value = value * 10 + static_cast<unsigned>(rest_[i] - '0');
    }
    if (good_) rest_.remove_prefix(digits);
    return value;
  }

  // asctime writes a day below ten with a space before it.
  unsigned padded_number() {
    if (!rest_.starts_with(' ')) return number(2);
    rest_.remove_prefix(1);
    return number(1);
  }

  unsigned name(std::span<const std::string_view> names) {
    for (unsigned i = 0; good_ && i < names.size(); ++i) {
      if (rest_.starts_with(names[i])) {
        rest_.remove_prefix(names[i].size());
        return i;
      }
    }
    good_ = false;
    return 0;
  }

  seconds time_of_day() {
    const unsigned hour = number(2);
    literal(":");
    const unsigned minute = number(2);
    literal(":");
    const unsigned second = number(2);  // 60: a leap second
    good_ = good_ && hour < 24 && minute < 60 && second <= 60;
    return hours(hour) + minutes(minute) + seconds(second);
  }

 private:
  std::string_view rest_;
  bool good_ = true;
};

std::optional<Time> make_time(const Reader& reader, int year_number, unsigned month_index, unsigned day_number,
                              seconds time_of_day) {
  const year_month_day date{year(year_number), month(month_index + 1), day(day_number)};
  if (!reader.at_end() || !date.ok()) return std::nullopt;
  return Time(sys_days(date).time_since_epoch() + time_of_day);
}

std::optional<Time> parse_fixed(std::string_view text) {  // Sun, 06 Nov 1994 08:49:37 GMT
  Reader reader(text);
  reader.name(day_names);
  reader.literal(", ");
  const unsigned date = reader.number(2);
  reader.literal(" ");
  const unsigned month_index = reader.name(month_names);
  reader.literal(" ");
  const int year_number = static_cast<int>(reader.number(4));
  reader.literal(" ");
  const seconds time_of_day = reader.time_of_day();
  reader.literal(" GMT");
  return make_time(reader, year_number, month_index, date, time_of_day);
}

std::optional<Time> parse_rfc850(std::string_view text, Time now) {  // Sunday, 06-Nov-94 08:49:37 GMT
  Reader reader(text);
  reader.name(long_day_names);
  reader.literal(", ");
  const unsigned date = reader.number(2);
  reader.literal("-");
  const unsigned month_index = reader.name(month_names);
  reader.literal("-");
  const int short_year = static_cast<int>(reader.number(2));
  reader.literal(" ");
  const seconds time_of_day = reader.time_of_day();
  reader.literal(" GMT");
  const int this_year = static_cast<int>(year_month_day(floor<days>(now)).year());
  int year_number = this_year - this_year % 100 + short_year;
  if (year_number > this_year + 50) year_number -= 100;
  return make_time(reader, year_number, month_index, date, time_of_day);
}

std::optional<Time> parse_asctime(std::string_view text) {  // Sun Nov  6 08:49:37 1994
  Reader reader(text);
  reader.name(day_names);
  reader.literal(" ");
  const unsigned month_index = reader.name(month_names);
  reader.literal(" ");
  const unsigned date = reader.padded_number();
  reader.literal(" ");
  const seconds time_of_day = reader.time_of_day();
  reader.literal(" ");
  const int year_number = static_cast<int>(reader.number(4));
  return make_time(reader, year_number, month_index, date, time_of_day);
}

}  // namespace

std::optional<Time> parse_http_date(std::string_view text, Time now) {
  if (const auto time = parse_fixed(text)) return time;
  if (const auto time = parse_rfc850(text, now)) return time;
  return parse_asctime(text);
}

std::optional<Microseconds> parse_retry_after(std::string_view value, Time now) {
  const std::size_t first = value.find_first_not_of(" \t");
  if (first == std::string_view::npos) return std::nullopt;
  value = value.substr(first, value.find_last_not_of(" \t") - first + 1);
  if (std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; })) {
    std::int64_t wait = 0;
    const auto error = std::from_chars(value.data(), value.data() + value.size(), wait).ec;
    if (error != std::errc{} || wait > longest.count()) return longest;
    return seconds(wait);
  }
  const auto date = parse_http_date(value, now);
  if (!date) return std::nullopt;
  return std::clamp<Microseconds>(*date - now, Microseconds(0), longest);
}

}  // namespace pawl::actions
