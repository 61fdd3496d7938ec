#include "actions/address_guard.h"

#include "gtest/gtest.h"
#include <arpa/inet.h>
#include <netinet/in.h>

namespace pawl::actions {
namespace {

std::string refusal(std::string_view address, std::vector<std::string_view> allowed = {}) {
  std::vector<AddressRange> ranges;
  for (const auto each : allowed) ranges.push_back(*AddressRange::parse(each));
  const auto bytes = parse_address(address);
  EXPECT_TRUE(bytes.has_value()) << address;
  return std::string(AddressGuard(ranges).refusal(*bytes).value_or(""));
}

TEST(AddressGuard, RefusesWhatIsNotThePublicInternet) {
  const std::pair<const char*, const char*> table[] = {
      {"0.0.0.0", "an unspecified address"},
      {"0.255.255.255", "an unspecified address"},
      {"10.0.0.0", "a private address"},
      {"10.255.255.255", "a private address"},
      {"100.64.0.0", "an address of a carrier's own network"},
      {"100.127.255.255", "an address of a carrier's own network"},
      {"127.0.0.1", "a loopback address"},
      {"127.255.255.255", "a loopback address"},
      {"169.254.169.254", "a link-local address"},  // the metadata service of most clouds
      {"172.16.0.0", "a private address"},
      {"172.31.255.255", "a private address"},
      {"192.0.0.1", "a reserved address"},
      {"192.168.0.1", "a private address"},
      {"198.18.0.1", "an address for benchmarks"},
      {"198.19.255.255", "an address for benchmarks"},
      {"203.0.113.7", "an address for documentation"},
      {"224.0.0.1", "a multicast address"},
      {"239.255.255.255", "a multicast address"},
      {"240.0.0.1", "a reserved address"},
      {"255.255.255.255", "a reserved address"},
      {"::", "an unspecified address"},
      {"::1", "a loopback address"},
      {"::2", "a reserved address"},
      {"::7f00:1", "a reserved address"},          // the old IPv4-compatible form of 127.0.0.1
      {"::ffff:127.0.0.1", "a loopback address"},  // IPv4-mapped
      {"::ffff:10.1.2.3", "a private address"},
      {"64:ff9b::10.0.0.1", "a private address"},  // NAT64
      {"64:ff9b::127.0.0.1", "a loopback address"},
      {"64:ff9b:1::1", "an address of a local translator"},
      {"2002:7f00:1::", "a loopback address"},  // 6to4 of 127.0.0.1
      {"2002:c0a8:1::1", "a private address"},  // 6to4 of 192.168.0.1
      {"2001::1", "a reserved address"},        // Teredo
      {"2001:db8::1", "an address for documentation"},
      {"3fff::1", "an address for documentation"},
      {"fc00::1", "a private address"},
      {"fdff::1", "a private address"},
      {"fe80::1", "a link-local address"},
      {"fec0::1", "a reserved address"},
      {"ff02::1", "a multicast address"},
      {"4000::1", "a reserved address"},
  };
  for (const auto& [address, reason] : table) EXPECT_EQ(refusal(address), reason) << address;
}

TEST(AddressGuard, LetsThePublicInternetThrough) {
  for (const char* address :
       {"1.1.1.1",         "8.8.8.8",        "9.255.255.255",    "11.0.0.0",       "100.63.255.255",  "100.128.0.0",
        "126.255.255.255", "128.0.0.0",      "169.253.255.255",  "169.255.0.0",    "172.15.255.255",  "172.32.0.0",
        "192.167.255.255", "192.169.0.0",    "198.17.255.255",   "198.20.0.0",     "223.255.255.255", "2606:4700::1111",
        "2001:4860::8888", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"}) {
    EXPECT_EQ(refusal(address), "") << address;
  }
}

TEST(AddressGuard, AllowsWhatTheConfigurationNames) {
  EXPECT_EQ(refusal("10.1.2.3", {"10.1.0.0/16"}), "");
  EXPECT_EQ(refusal("::ffff:10.1.2.3", {"10.1.0.0/16"}), "");
  EXPECT_EQ(refusal("64:ff9b::10.1.2.3", {"10.1.0.0/16"}), "");
  EXPECT_EQ(refusal("10.2.0.0", {"10.1.0.0/16"}), "a private address");
  EXPECT_EQ(refusal("10.1.2.3", {"10.1.2.3"}), "");
  EXPECT_EQ(refusal("10.1.2.4", {"10.1.2.3"}), "a private address");
  EXPECT_EQ(refusal("fd00:1::5", {"fd00:1::/32"}), "");
  EXPECT_EQ(refusal("fd00:2::5", {"fd00:1::/32"}), "a private address");
  EXPECT_EQ(refusal("127.0.0.1", {"0.0.0.0/0"}), "");
  EXPECT_EQ(refusal("::1", {"0.0.0.0/0"}), "a loopback address");
  EXPECT_EQ(refusal("::1", {"::/0"}), "");
}

TEST(AddressGuard, LoopbackRangesAreLoopbackAlone) {
  const AddressGuard guard(loopback_ranges());
  EXPECT_FALSE(guard.refusal(*parse_address("127.0.0.1")));
  EXPECT_FALSE(guard.refusal(*parse_address("127.8.9.10")));
  EXPECT_FALSE(guard.refusal(*parse_address("::1")));
  EXPECT_TRUE(guard.refusal(*parse_address("128.0.0.1")) == std::nullopt);
  EXPECT_TRUE(guard.refusal(*parse_address("10.0.0.1")).has_value());
  EXPECT_TRUE(guard.refusal(*parse_address("::2")).has_value());
}

TEST(AddressRange, RefusesWhatIsNoRange) {
  for (const char* text : {"", "10", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "10.0.0.1/8", "::1/64",
                           "::/129", "localhost", "10.0.0.0/8/8", " 10.0.0.0/8"}) {
    EXPECT_EQ(AddressRange::parse(text).error().code, "address-range-invalid") << text;
  }
}

TEST(AddressBytes, OfBothFamilies) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_addr.s_addr = htonl(0x01020304);
  EXPECT_EQ(format_address(*address_bytes(reinterpret_cast<const sockaddr&>(v4))), "1.2.3.4");
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_addr.s6_addr[15] = 9;
  EXPECT_EQ(format_address(*address_bytes(reinterpret_cast<const sockaddr&>(v6))), "::9");
  sockaddr other{};
  other.sa_family = AF_UNIX;
  EXPECT_EQ(address_bytes(other), std::nullopt);
}

}  // namespace
}  // namespace pawl::actions
