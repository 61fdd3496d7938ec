#include "engine/inbox.h"

#include <gtest/gtest.h>

namespace pawl::engine {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Next = Inbox::Next;

ports::Steady at(Microseconds since) { return ports::Steady(since); }
ports::InboxKey key(std::uint8_t number) {
  ports::InboxKey made{};
  made.id.bytes[15] = number;
  return made;
}

class InboxTest : public testing::Test {
 protected:
  void SetUp() override { inbox.begin(at(seconds{1})); }
  Next look(Microseconds when, std::vector<std::uint8_t> rows = {}) {
    inbox.began_to_look();
    for (const std::uint8_t row : rows) inbox.takes(key(row), at(when));
    return inbox.looked(at(when));
  }
  // Quiet until it arms itself, which is done at once.
  void fall_asleep() {
    EXPECT_EQ(look(milliseconds{1'300}), Next::arm);
    inbox.armed(at(milliseconds{1'301}));
    EXPECT_EQ(inbox.due(), at(milliseconds{1'301})) << "what was committed before it was armed";
    EXPECT_EQ(look(milliseconds{1'302}), Next::nothing);
  }

  Inbox inbox{{.awake = milliseconds{5}, .quiet = milliseconds{200}, .asleep = seconds{2}, .rings = 3}};
};

TEST_F(InboxTest, LooksOftenWhileRowsCome) {
  EXPECT_EQ(inbox.due(), at(seconds{1}));
  EXPECT_EQ(look(milliseconds{1'190}, {1}), Next::nothing);
  EXPECT_EQ(inbox.due(), at(milliseconds{1'195}));
  EXPECT_EQ(look(milliseconds{1'389}), Next::nothing) << "a row came 199 ms ago";
  EXPECT_EQ(look(milliseconds{1'390}), Next::arm);
  EXPECT_EQ(look(milliseconds{1'400}), Next::nothing) << "it is being armed";
}

TEST_F(InboxTest, LooksSlowlyWhileItSleeps) {
  fall_asleep();
  EXPECT_EQ(inbox.due(), at(milliseconds{3'302}));
}

TEST_F(InboxTest, ARingWakesItAndManyAreNotWorthTheirPrice) {
  fall_asleep();
  EXPECT_EQ(inbox.rung(at(milliseconds{1'400})), Next::look);
  EXPECT_EQ(look(milliseconds{1'401}, {1}), Next::nothing);
  EXPECT_EQ(inbox.due(), at(milliseconds{3'401})) << "it sleeps on";
  EXPECT_EQ(inbox.rung(at(milliseconds{1'410})), Next::look);
  EXPECT_EQ(inbox.rung(at(milliseconds{1'420})), Next::disarm);
  EXPECT_EQ(look(milliseconds{1'421}), Next::nothing);
  EXPECT_EQ(inbox.due(), at(milliseconds{1'426})) << "awake";
}

TEST_F(InboxTest, RingsThatAreFarApartAreFew) {
  fall_asleep();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(inbox.rung(at(seconds{2 + i})), Next::look);
}

TEST_F(InboxTest, WhatRingsWhileItLooksIsLookedAtAfterwards) {
  fall_asleep();
  inbox.began_to_look();
  EXPECT_EQ(inbox.rung(at(milliseconds{1'500})), Next::look);
  EXPECT_EQ(inbox.looked(at(milliseconds{1'501})), Next::look);
  EXPECT_EQ(look(milliseconds{1'502}), Next::nothing);
}

TEST_F(InboxTest, ARowIsTakenOnceUntilItIsForgotten) {
  inbox.began_to_look();
  EXPECT_TRUE(inbox.takes(key(1), at(seconds{1})));
  EXPECT_FALSE(inbox.takes(key(1), at(seconds{1})));
  EXPECT_EQ(inbox.known(), 1U);
  inbox.forget(key(1));
  EXPECT_EQ(inbox.known(), 0U);
  EXPECT_FALSE(inbox.takes(key(1), at(seconds{1}))) << "this look began before it was done";
  inbox.looked(at(seconds{1}));
  inbox.began_to_look();
  EXPECT_TRUE(inbox.takes(key(1), at(seconds{1})));
}

TEST_F(InboxTest, WhatFailsIsTriedLater) {
  inbox.began_to_look();
  inbox.look_failed(at(seconds{3}));
  EXPECT_FALSE(inbox.looking());
  EXPECT_EQ(inbox.due(), at(seconds{3}));
  EXPECT_EQ(look(milliseconds{3'000}), Next::arm);
  inbox.arm_failed(at(seconds{5}));
  EXPECT_EQ(look(milliseconds{3'100}), Next::nothing);
  EXPECT_EQ(inbox.due(), at(milliseconds{3'105})) << "nobody would ring";
  EXPECT_EQ(look(seconds{5}), Next::arm) << "again";
}

TEST_F(InboxTest, WhatCannotBeDoneYetIsPassedOverForAWhile) {
  fall_asleep();
  inbox.began_to_look();
  ASSERT_TRUE(inbox.takes(key(1), at(milliseconds{1'400})));
  EXPECT_EQ(inbox.put_off(key(1), at(milliseconds{1'410}), milliseconds{100}), Microseconds{0});
  inbox.forget(key(1));
  EXPECT_EQ(inbox.looked(at(milliseconds{1'420})), Next::nothing);
  EXPECT_EQ(inbox.due(), at(milliseconds{1'510})) << "also when it sleeps";
  EXPECT_EQ(look(milliseconds{1'500}, {1}), Next::nothing);
  EXPECT_EQ(inbox.known(), 0U);
  inbox.began_to_look();
  EXPECT_TRUE(inbox.takes(key(1), at(milliseconds{1'510})));
  EXPECT_EQ(inbox.put_off(key(1), at(milliseconds{1'520}), milliseconds{100}), milliseconds{110})
      << "since the first time";
}

TEST_F(InboxTest, MoreThanIsTakenIsLookedForSoon) {
  fall_asleep();
  inbox.began_to_look();
  inbox.soon(at(milliseconds{1'500}));
  EXPECT_EQ(inbox.looked(at(milliseconds{1'400})), Next::nothing);
  EXPECT_EQ(inbox.due(), at(milliseconds{1'500}));
}

}  // namespace
}  // namespace pawl::engine
