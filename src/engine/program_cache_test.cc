#include "engine/program_cache.h"

#include <gtest/gtest.h>

namespace pawl::engine {
namespace {

Uuid id(std::uint8_t number) {
  Uuid made;
  made.bytes[0] = number;
  return made;
}

const Uuid tenant = id(100), other_tenant = id(101);

ports::StoredVersion stored(std::uint8_t version, std::string source = "") {
  if (source.empty()) {
    source =
        "document: {dsl: 1.0.0, namespace: shop, name: order, version: 1.0.0}\n"
        "do: [{a: {set: {n: 1}}}]\n";
  }
  return {id(50), id(version), "shop", "order", "1.0." + std::to_string(version), std::move(source)};
}

TEST(ProgramCache, FindsWhatWasPutByVersionAndByNameAsItWasAsked) {
  ProgramCache cache;
  EXPECT_FALSE(cache.find(tenant, "shop", "order", ""));
  const auto put = cache.put(tenant, stored(1), "", cache.generation());
  ASSERT_TRUE(put);
  EXPECT_EQ(put->version, id(1));
  EXPECT_EQ(put->program->name, "order");
  EXPECT_EQ(cache.find(tenant, id(1))->program, put->program);
  EXPECT_EQ(cache.find(tenant, "shop", "order", "")->program, put->program);
  EXPECT_FALSE(cache.find(tenant, "shop", "order", "1.0.1"));
  EXPECT_FALSE(cache.find(tenant, "shop", "other", ""));
  EXPECT_FALSE(cache.find(other_tenant, "shop", "order", ""));
  EXPECT_FALSE(cache.find(other_tenant, id(1)));
}

TEST(ProgramCache, CompilesAVersionOnce) {
  ProgramCache cache;
  const auto first = cache.put(tenant, stored(1)), again = cache.put(tenant, stored(1));
  ASSERT_TRUE(first && again);
  EXPECT_EQ(first->program, again->program);
}

TEST(ProgramCache, AnInvalidatedNameIsReadAgainAndItsVersionsStay) {
  ProgramCache cache;
  ASSERT_TRUE(cache.put(tenant, stored(1), "", cache.generation()));
  ASSERT_TRUE(cache.put(tenant, stored(1), "1.0.1", cache.generation()));
  cache.invalidate(tenant, "shop", "order");
  EXPECT_FALSE(cache.find(tenant, "shop", "order", ""));
  EXPECT_TRUE(cache.find(tenant, "shop", "order", "1.0.1"));
  EXPECT_TRUE(cache.find(tenant, id(1)));
}

// A deploy between the read and its answer: the answer may be the older version.
TEST(ProgramCache, AnAnswerOlderThanADeployIsNotRememberedAsTheActiveOne) {
  ProgramCache cache;
  const std::uint64_t before = cache.generation();
  cache.invalidate(tenant, "shop", "order");
  ASSERT_TRUE(cache.put(tenant, stored(1), "", before));
  EXPECT_FALSE(cache.find(tenant, "shop", "order", ""));
  ASSERT_TRUE(cache.put(tenant, stored(1), "1.0.1", before));
  EXPECT_TRUE(cache.find(tenant, "shop", "order", "1.0.1"));
}

TEST(ProgramCache, TheOneUsedLongestAgoGoesFirst) {
  ProgramCache cache(1 << 20, 2);
  ASSERT_TRUE(cache.put(tenant, stored(1), "1.0.1", 0));
  ASSERT_TRUE(cache.put(tenant, stored(2), "1.0.2", 0));
  EXPECT_TRUE(cache.find(tenant, id(1)));
  ASSERT_TRUE(cache.put(tenant, stored(3), "1.0.3", 0));
  EXPECT_TRUE(cache.find(tenant, id(1)));
  EXPECT_FALSE(cache.find(tenant, id(2)));
  EXPECT_FALSE(cache.find(tenant, "shop", "order", "1.0.2"));
  EXPECT_TRUE(cache.find(tenant, id(3)));
}

TEST(ProgramCache, WhatNoLongerCompilesIsAProblem) {
  ProgramCache cache;
  const auto put = cache.put(tenant, stored(1, "do: nothing"));
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().code, "version-unreadable");
}

}  // namespace
}  // namespace pawl::engine
