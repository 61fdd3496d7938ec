#include "app/descriptors.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace pawl::app {
namespace {

TEST(Descriptors, ClientsLeaveTheReserve) {
  EXPECT_EQ(client_connections(65'536, 10'000), 10'000u);
  EXPECT_EQ(client_connections(1'024, 10'000), 768u);
  EXPECT_EQ(client_connections(512, 10'000), 256u);
  EXPECT_EQ(client_connections(256, 10'000), 128u);
  EXPECT_EQ(client_connections(1'024, 500), 500u);
}

TEST(Descriptors, TheSoftLimitIsRaisedToTheHardOne) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit low{.rlim_cur = 256, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  const std::size_t raised = raise_descriptor_limit();
  rlimit after{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &after), 0);
  EXPECT_EQ(raised, std::min<rlim_t>(before.rlim_max, 65'536));
  EXPECT_EQ(after.rlim_cur, raised);
  EXPECT_EQ(after.rlim_max, before.rlim_max);
  EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
}

}  // namespace
}  // namespace pawl::app
