#include "base/encoding.h"

#include "gtest/gtest.h"

namespace pawl {
namespace {

using Bytes = std::vector<std::uint8_t>;

// RFC 4648 section 10.
TEST(Base64, AnswersTheVectorsOfTheRfc) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  EXPECT_EQ(base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("\xfb\xff"), "+/8=");
}

TEST(Base64url, HasItsOwnAlphabetAndNoPadding) {
  EXPECT_EQ(base64url(Bytes{}), "");
  EXPECT_EQ(base64url(Bytes{0xfb, 0xff}), "-_8");
  EXPECT_EQ(base64url(Bytes{0}), "AA");
  EXPECT_EQ(parse_base64url("-_8"), (Bytes{0xfb, 0xff}));
  EXPECT_EQ(parse_base64url(""), Bytes{});
  EXPECT_EQ(parse_base64url("Zm9vYmFy"), (Bytes{'f', 'o', 'o', 'b', 'a', 'r'}));
}

TEST(Base64url, RefusesOtherTexts) {
  for (const char* text : {"Zg==", "Zm8=", "Z", "Zm9vY", "+/8", "Zm 8", "Zm8\n", "Zh", "Zm9-="}) {
    EXPECT_FALSE(parse_base64url(text)) << text;
  }
  EXPECT_FALSE(parse_base64url(std::string_view("AA\0A", 4)));
}

TEST(Hex, IsLowerCase) {
  EXPECT_EQ(hex(Bytes{0x00, 0x0f, 0xf0, 0xab}), "000ff0ab");
  EXPECT_EQ(hex(Bytes{}), "");
}

TEST(Utf8, AcceptsEveryLength) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("plain ascii that is longer than eight bytes"));
  EXPECT_TRUE(is_utf8(std::string_view("\0", 1)));
  EXPECT_TRUE(is_utf8("\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff"));
  EXPECT_TRUE(is_utf8("12345678\u00e9 12345678"));
}

TEST(Utf8, RefusesWhatIsNotWellFormed) {
  for (const char* text : {"\x80",
                           "\xbf",
                           "\xc0\x80",
                           "\xc1\xbf",
                           "\xe0\x80\x80",
                           "\xe0\x9f\xbf",
                           "\xed\xa0\x80",
                           "\xed\xbf\xbf",
                           "\xf0\x80\x80\x80",
                           "\xf0\x8f\xbf\xbf",
                           "\xf4\x90\x80\x80",
                           "\xf5\x80\x80\x80",
                           "\xff",
                           "\xc3",
                           "\xe2\x82",
                           "\xf0\x9f\x98",
                           "\xc3(",
                           "\xe2\x82(",
                           "\xe2(\x82",
                           "\xf0\x9f\x98(",
                           "12345678\xc3",
                           "1234567\xff 12345678"}) {
    EXPECT_FALSE(is_utf8(text)) << text;
  }
}

TEST(Encoding, TextIsCutBetweenCharacters) {
  EXPECT_EQ(utf8_cut("abc", 3), 3U);
  EXPECT_EQ(utf8_cut("abc", 9), 3U);
  EXPECT_EQ(utf8_cut("abc", 2), 2U);
  EXPECT_EQ(utf8_cut("aä", 2), 1U);
  EXPECT_EQ(utf8_cut("𝄞", 3), 0U);
  EXPECT_EQ(utf8_cut("𝄞€", 6), 4U);
  EXPECT_EQ(utf8_cut("", 0), 0U);
}

}  // namespace
}  // namespace pawl
