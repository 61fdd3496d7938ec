#include "actions/address_guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace pawl::actions {

namespace {

constexpr std::uint8_t mapped_bits = 96;

constexpr AddressRange v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t bits) {
  AddressRange range;
  range.first = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, 0};
  range.prefix_bits = static_cast<std::uint8_t>(mapped_bits + bits);
  return range;
}

constexpr AddressRange v6(std::array<std::uint16_t, 8> groups, std::uint8_t bits) {
  AddressRange range;
  for (std::size_t i = 0; i < 8; ++i) {
    range.first[2 * i] = static_cast<std::uint8_t>(groups[i] >> 8);
    range.first[2 * i + 1] = static_cast<std::uint8_t>(groups[i] & 0xff);
  }
  range.prefix_bits = bits;
  return range;
}

struct Refused {
  AddressRange range;
  std::string_view reason;
};

// IANA's registries of special-purpose addresses for IPv4 and IPv6 (RFC 6890 and its updates), and multicast.
constexpr Refused refused_ranges[] = {
    {v4(0, 0, 0, 8), "an unspecified address"},
    {v4(10, 0, 0, 8), "a private address"},
    {v4(100, 64, 0, 10), "an address of a carrier's own network"},
    {v4(127, 0, 0, 8), "a loopback address"},
    {v4(169, 254, 0, 16), "a link-local address"},
    {v4(172, 16, 0, 12), "a private address"},
    {v4(192, 0, 0, 24), "a reserved address"},
    {v4(192, 0, 2, 24), "an address for documentation"},
    {v4(192, 88, 99, 24), "a reserved address"},
    {v4(192, 168, 0, 16), "a private address"},
    {v4(198, 18, 0, 15), "an address for benchmarks"},
    {v4(198, 51, 100, 24), "an address for documentation"},
    {v4(203, 0, 113, 24), "an address for documentation"},
    {v4(224, 0, 0, 4), "a multicast address"},
    {v4(240, 0, 0, 4), "a reserved address"},
    {v6({}, 128), "an unspecified address"},
    {v6({0, 0, 0, 0, 0, 0, 0, 1}, 128), "a loopback address"},
    {v6({0x64, 0xff9b, 1}, 48), "an address of a local translator"},
    {v6({0x2001}, 23), "a reserved address"},  // Teredo among them
    {v6({0x2001, 0xdb8}, 32), "an address for documentation"},
    {v6({0x3fff}, 20), "an address for documentation"},
    {v6({0xfc00}, 7), "a private address"},
    {v6({0xfe80}, 10), "a link-local address"},
    {v6({0xff00}, 8), "a multicast address"},
};

constexpr AddressRange mapped = v4(0, 0, 0, 0);
constexpr AddressRange translated = v6({0x64, 0xff9b}, 96);  // NAT64, RFC 6052: the last 32 bits are an IPv4 address
constexpr AddressRange six_to_four = v6({0x2002}, 16);       // RFC 3056: bits 16 to 47 are one
constexpr AddressRange global_unicast = v6({0x2000}, 3);     // all that IANA has given out of IPv6

AddressBytes embedded(const AddressBytes& address, std::size_t at) {
  AddressBytes bytes = mapped.first;
  std::copy_n(address.begin() + static_cast<std::ptrdiff_t>(at), 4, bytes.begin() + 12);
  return bytes;
}

Problem bad_range(std::string_view text) {
  return {.status = 400,
          .code = "address-range-invalid",
          .title = "This is not a range of addresses",
          .detail = std::string(text),
          .instance = {},
          .hint = "write an address or a network such as 10.1.0.0/16 or fd00::/8"};
}

}  // namespace

std::optional<AddressBytes> address_bytes(const sockaddr& address) {
  AddressBytes bytes = mapped.first;
  if (address.sa_family == AF_INET) {
    sockaddr_in inet{};
    std::memcpy(&inet, &address, sizeof inet);
    std::memcpy(bytes.data() + 12, &inet.sin_addr, 4);
    return bytes;
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 inet{};
    std::memcpy(&inet, &address, sizeof inet);
    std::memcpy(bytes.data(), &inet.sin6_addr, 16);
    return bytes;
  }
  return std::nullopt;
}

std::optional<AddressBytes> parse_address(std::string_view text) {
  const std::string terminated(text);
  AddressBytes bytes = mapped.first;
  if (inet_pton(AF_INET, terminated.c_str(), bytes.data() + 12) == 1) return bytes;
  if (inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1) return bytes;
  return std::nullopt;
}

std::string format_address(const AddressBytes& address) {
  char text[INET6_ADDRSTRLEN];
  const bool is_v4 = mapped.contains(address);
  inet_ntop(is_v4 ? AF_INET : AF_INET6, address.data() + (is_v4 ? 12 : 0), text, sizeof text);
  return text;
}

Result<AddressRange> AddressRange::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return fail(bad_range(text));
  AddressRange range{.first = *address, .prefix_bits = 128};
  if (slash != std::string_view::npos) {
    const bool is_v4 = !text.substr(0, slash).contains(':');
    const unsigned most = is_v4 ? 32 : 128;
    const std::string_view digits = text.substr(slash + 1);
    unsigned bits = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size() || bits > most) {
      return fail(bad_range(text));
    }
    range.prefix_bits = static_cast<std::uint8_t>(is_v4 ? mapped_bits + bits : bits);
  }
  for (std::size_t bit = range.prefix_bits; bit < 128; ++bit) {
    if ((range.first[bit / 8] >> (7 - bit % 8)) & 1) return fail(bad_range(text));
  }
  return range;
}

bool AddressRange::contains(const AddressBytes& address) const {
  const std::size_t whole = prefix_bits / 8;
  if (!std::equal(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(whole), address.begin())) return false;
  const unsigned rest = prefix_bits % 8;
  return rest == 0 || ((first[whole] ^ address[whole]) >> (8 - rest)) == 0;
}

std::optional<std::string_view> AddressGuard::refusal(const AddressBytes& address) const {
  if (std::ranges::any_of(allowed_, [&](const AddressRange& range) { return range.contains(address); })) {
    return std::nullopt;
  }
  for (const Refused& refused : refused_ranges) {
    if (refused.range.contains(address)) return refused.reason;
  }
  if (mapped.contains(address)) return std::nullopt;
  if (translated.contains(address)) return refusal(embedded(address, 12));
  if (six_to_four.contains(address)) return refusal(embedded(address, 2));
  if (!global_unicast.contains(address)) return "a reserved address";
  return std::nullopt;
}

std::vector<AddressRange> loopback_ranges() { return {v4(127, 0, 0, 8), v6({0, 0, 0, 0, 0, 0, 0, 1}, 128)}; }

}  // namespace pawl::actions
