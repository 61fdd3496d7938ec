#include "store/memory/scheduler.h"

#include <gtest/gtest.h>

namespace pawl::store::memory {
namespace {

using std::chrono::seconds;

TEST(Scheduler, RunsByTimeThenByOrderOfMaking) {
  Scheduler scheduler(1);
  std::string order;
  scheduler.after(seconds{2}, [&] { order += 'c'; });
  scheduler.after(seconds{1}, [&] { order += 'a'; });
  scheduler.after(seconds{1}, [&] { order += 'b'; });
  const Time start = scheduler.now();
  while (scheduler.step()) {}
  EXPECT_EQ(order, "abc");
  EXPECT_EQ(scheduler.now() - start, seconds{2});
}

TEST(Scheduler, CancelledEventsDoNotRun) {
  Scheduler scheduler(1);
  bool ran = false;
  const auto event = scheduler.after(seconds{1}, [&] { ran = true; });
  scheduler.cancel(event);
  EXPECT_FALSE(scheduler.step());
  EXPECT_FALSE(ran);
}

TEST(Scheduler, RunUntilStopsAtTheTimeWithoutRunningWhatIsLater) {
  Scheduler scheduler(1);
  bool ran = false;
  scheduler.after(seconds{5}, [&] { ran = true; });
  const Time start = scheduler.now();
  EXPECT_FALSE(scheduler.run_until([&] { return ran; }, seconds{4}));
  EXPECT_FALSE(ran);
  EXPECT_EQ(scheduler.now() - start, seconds{4});
  EXPECT_TRUE(scheduler.run_until([&] { return ran; }, seconds{1}));
}

TEST(Scheduler, OneSeedIsOneTrace) {
  const auto hash = [](std::uint64_t seed) {
    Scheduler scheduler(seed);
    for (int i = 0; i < 10; ++i) {
      scheduler.after(scheduler.between(Microseconds{1}, seconds{1}),
                      [&scheduler, i] { scheduler.note("event", static_cast<std::uint64_t>(i)); });
    }
    while (scheduler.step()) {}
    return scheduler.trace_hash();
  };
  EXPECT_EQ(hash(7), hash(7));
  EXPECT_NE(hash(7), hash(8));
}

}  // namespace
}  // namespace pawl::store::memory
