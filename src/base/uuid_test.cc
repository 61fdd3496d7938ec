#include "base/uuid.h"

#include "gtest/gtest.h"

#include <unordered_set>

namespace pawl {
namespace {

std::array<std::uint8_t, 32> counting_digest() {
  std::array<std::uint8_t, 32> digest;
  for (std::size_t i = 0; i < digest.size(); ++i) digest[i] = static_cast<std::uint8_t>(0xf0 + i);
  return digest;
}

TEST(Uuid, TextAndParseAreInverse) {
  const std::string text = "018f3c2a-91b4-7e55-8a01-0123456789ab";
  ASSERT_TRUE(Uuid::parse(text));
  EXPECT_EQ(Uuid::parse(text)->text(), text);
  EXPECT_EQ(Uuid::parse(text)->bytes[0], 0x01);
  EXPECT_EQ(Uuid::parse(text)->bytes[15], 0xab);
}

TEST(Uuid, ParsesUpperCaseAndWritesLower) {
  EXPECT_EQ(Uuid::parse("ABCDEF00-0000-4000-8000-00000000000F")->text(), "abcdef00-0000-4000-8000-00000000000f");
}

TEST(Uuid, RefusesWhatIsNotCanonical) {
  for (const char* text : {"", "018f3c2a91b47e558a010123456789ab", "{018f3c2a-91b4-7e55-8a01-0123456789ab}",
                           "018f3c2a-91b4-7e55-8a01-0123456789a", "018f3c2a-91b4-7e55-8a01-0123456789abc",
                           "018f3c2a-91b4-7e55-8a01-0123456789ag", "018f3c2a091b4-7e55-8a01-0123456789ab",
                           "018f3c2-a91b4-7e55-8a01-0123456789ab", "urn:uuid:018f3c2a-91b4-7e55-8a01-012"}) {
    EXPECT_FALSE(Uuid::parse(text)) << text;
  }
}

TEST(Uuid, NilIsZero) {
  EXPECT_TRUE(Uuid{}.is_nil());
  EXPECT_EQ(Uuid{}.text(), "00000000-0000-0000-0000-000000000000");
  EXPECT_FALSE(Uuid::parse("00000000-0000-0000-0000-000000000001")->is_nil());
}

// The example of RFC 9562 appendix A.6: 2022-02-22T19:22:22.000Z, rand_a 0xcc3, rand_b 0x18c4dc0c0c07398f.
TEST(Uuid, Version7IsTheExampleOfTheRfc) {
  const Time time = *parse_time("2022-02-22T19:22:22Z");
  EXPECT_EQ(Uuid::version7(time, 0xcc3, 0x18c4dc0c0c07398f).text(), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
}

TEST(Uuid, Version7SortsByMillisecond) {
  const Time time = *parse_time("2026-11-21T00:00:00.001Z");
  const Uuid before = Uuid::version7(time - Microseconds(1), ~0ULL, ~0ULL);
  EXPECT_LT(before, Uuid::version7(time, 0, 0));
  EXPECT_EQ(Uuid::version7(time + Microseconds(999), 1, 2), Uuid::version7(time, 1, 2));
}

TEST(Uuid, Version8KeepsTheDigestButVersionAndVariant) {
  EXPECT_EQ(Uuid::version8(counting_digest()).text(), "f0f1f2f3-f4f5-86f7-b8f9-fafbfcfdfeff");
}

TEST(Uuid, Version8TakesTheTimeOfAnotherId) {
  const Uuid source = *Uuid::parse("018f3c2a-91b4-7e55-8a01-0123456789ab");
  EXPECT_EQ(Uuid::version8(counting_digest(), source).text(), "018f3c2a-91b4-86f7-b8f9-fafbfcfdfeff");
}

TEST(Uuid, LaneIsTheLowTwelveBits) {
  const Uuid id = *Uuid::parse("018f3c2a-91b4-7e55-8a01-01234567fabc");
  EXPECT_EQ(id.lane(), 0xabc);
  EXPECT_EQ(id.with_lane(0).text(), "018f3c2a-91b4-7e55-8a01-01234567f000");
  EXPECT_EQ(id.with_lane(4095).text(), "018f3c2a-91b4-7e55-8a01-01234567ffff");
  EXPECT_EQ(id.with_lane(0x123).lane(), 0x123);
}

TEST(Uuid, HashTellsIdsApartThatShareHalves) {
  std::unordered_set<std::size_t> hashes;
  Uuid id = Uuid::version8(counting_digest());
  for (int i = 0; i < 256; ++i) {
    id.bytes[15] = static_cast<std::uint8_t>(i);
    hashes.insert(std::hash<Uuid>{}(id));
  }
  for (int i = 0; i < 255; ++i) {
    id.bytes[0] = static_cast<std::uint8_t>(i);
    hashes.insert(std::hash<Uuid>{}(id));
  }
  EXPECT_GE(hashes.size(), 510U);
}

}  // namespace
}  // namespace pawl
