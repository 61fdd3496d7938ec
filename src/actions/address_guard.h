// Which addresses a tenant's call may reach. Workflows are written by tenants; the server stands inside somebody's
// network; so by default only addresses of the public Internet are called, and never the server itself, its neighbours
// or a cloud's metadata service. Checked on each address that is about to be connected to, after the name was resolved,
// so that a name cannot change its meaning between check and use.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.h"

struct sockaddr;

namespace pawl::actions {

// An address of either family as 16 bytes: IPv4 as the IPv4-mapped ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2), which is
// where the kernel would send it.
using AddressBytes = std::array<std::uint8_t, 16>;

std::optional<AddressBytes> address_bytes(const sockaddr& address);  // nullopt: neither IPv4 nor IPv6
std::optional<AddressBytes> parse_address(std::string_view text);
std::string format_address(const AddressBytes& address);

struct AddressRange {
  AddressBytes first{};
  std::uint8_t prefix_bits = 128;  // of the 128; an IPv4 prefix counts 96 more

  // 10.0.0.0/8, fd00::/8, or one address. `address-range-invalid` for anything else, and for bits set behind the
  // prefix.
  static Result<AddressRange> parse(std::string_view text);
  bool contains(const AddressBytes& address) const;
};

class AddressGuard {
 public:
  explicit AddressGuard(std::vector<AddressRange> allowed = {}) : allowed_(std::move(allowed)) {}

  // Why the address may not be called ("a private address"); nullopt when it may. An IPv6 address that carries an IPv4
  // one (6to4, NAT64) is judged by that as well.
  std::optional<std::string_view> refusal(const AddressBytes& address) const;

 private:
  std::vector<AddressRange> allowed_;
};

// Loopback of both families: what the development server allows.
std::vector<AddressRange> loopback_ranges();

}  // namespace pawl::actions
