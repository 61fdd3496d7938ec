#include "base/hash.h"

#include "gtest/gtest.h"

#include <string>

#include "base/encoding.h"

namespace pawl {
namespace {

// FIPS 180-4, the examples of NIST.
TEST(Sha256, AnswersThePublishedExamples) {
  EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hex(sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PartsAreTheHashOfLengthsAndBytes) {
  using namespace std::string_literals;
  using namespace std::string_view_literals;
  EXPECT_EQ(sha256_parts({"ab", "c"}), sha256("\0\0\0\0\0\0\0\2ab\0\0\0\0\0\0\0\1c"sv));
  EXPECT_EQ(sha256_parts({}), sha256(""));
  EXPECT_NE(sha256_parts({"ab", "c"}), sha256_parts({"a", "bc"}));
  EXPECT_NE(sha256_parts({""}), sha256_parts({}));
  EXPECT_EQ(sha256_parts({std::string(258, 'x')}), sha256("\0\0\0\0\0\0\1\2"s + std::string(258, 'x')));
}

TEST(Sha256, ComparesInConstantTime) {
  const Sha256 a = sha256("a");
  Sha256 b = a;
  EXPECT_TRUE(equal_in_constant_time(a, b));
  b[31] ^= 1;
  EXPECT_FALSE(equal_in_constant_time(a, b));
  EXPECT_FALSE(equal_in_constant_time(a, std::span(a).first(31)));
  EXPECT_TRUE(equal_in_constant_time({}, {}));
}

}  // namespace
}  // namespace pawl
