#include "cli/listen.h"

#include <gtest/gtest.h>

namespace pawl::cli {
namespace {

TEST(Listen, HostsAndPorts) {
  const auto plain = parse_listen("127.0.0.1:7295");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->host, "127.0.0.1");
  EXPECT_EQ(plain->port, 7295);
  EXPECT_EQ(parse_listen("[::1]:0").value().host, "::1");
  EXPECT_EQ(parse_listen("localhost:65535").value().port, 65535);
}

TEST(Listen, WhatIsNone) {
  for (const char* wrong : {"", "127.0.0.1", ":80", "h:", "h:65536", "h:-1", "h:80x", "::1:80", "[]:80", "7295"}) {
    EXPECT_FALSE(parse_listen(wrong)) << wrong;
  }
  const Problem problem = listen_problem("--metrics-listen", "x");
  EXPECT_EQ(problem.code, "usage");
  EXPECT_TRUE(problem.hint.starts_with("--metrics-listen HOST:PORT"));
}

}  // namespace
}  // namespace pawl::cli
