#include "engine/admission.h"

#include <gtest/gtest.h>

namespace pawl::engine {
namespace {

Uuid tenant(std::uint8_t number) {
  Uuid id;
  id.bytes[0] = number;
  return id;
}

class AdmissionTest : public testing::Test {
 protected:
  Item& item(std::uint8_t of, Kind kind) {
    Item& added = items_.emplace_back();
    added.run.tenant = tenant(of);
    added.kind = kind;
    return added;
  }
  Items items_;
};

TEST_F(AdmissionTest, OneTenantGetsResultsFirstAndStartsLast) {
  Admission admission;
  Item& start = item(1, Kind::start);
  Item& timer = item(1, Kind::timer);
  Item& cancel = item(1, Kind::cancel);
  Item& result = item(1, Kind::result);
  for (Item* each : {&start, &timer, &cancel, &result}) admission.push(*each);
  EXPECT_EQ(admission.pop(), &result);
  EXPECT_EQ(admission.pop(), &cancel);
  EXPECT_EQ(admission.pop(), &timer);
  EXPECT_EQ(admission.pop(), &start);
  EXPECT_EQ(admission.pop(), nullptr);
  EXPECT_TRUE(admission.empty());
}

TEST_F(AdmissionTest, WhatComesBackIsFirstOfItsKind) {
  Admission admission;
  Item& first = item(1, Kind::start);
  Item& back = item(1, Kind::start);
  admission.push(first);
  admission.push_front(back);
  EXPECT_EQ(admission.pop(), &back);
  EXPECT_EQ(admission.pop(), &first);
}

// A turn is worth 64 rows: the flood gets ten decisions of 7 rows (70), then the other tenant has its turn.
TEST_F(AdmissionTest, AFloodLeavesTheTurnToOthersWhenItsCreditIsSpent) {
  Admission admission;
  for (int i = 0; i < 100; ++i) admission.push(item(1, Kind::start));
  admission.push(item(2, Kind::start));
  int before_the_other = 0;
  while (Item* next = admission.pop()) {
    if (next->run.tenant == tenant(2)) break;
    ++before_the_other;
    admission.charge(tenant(1), 7, 0);
  }
  EXPECT_EQ(before_the_other, 10);
}

TEST_F(AdmissionTest, BytesCostAsRowsDo) {
  Admission admission;
  for (int i = 0; i < 10; ++i) admission.push(item(1, Kind::start));
  admission.push(item(2, Kind::start));
  EXPECT_EQ(admission.pop()->run.tenant, tenant(1));
  admission.charge(tenant(1), 0, 64 << 10);
  EXPECT_EQ(admission.pop()->run.tenant, tenant(2));
}

TEST_F(AdmissionTest, ATenantAloneIsNotHeldUpByItsDebt) {
  Admission admission;
  for (int i = 0; i < 3; ++i) admission.push(item(1, Kind::start));
  for (int i = 0; i < 3; ++i) {
    EXPECT_NE(admission.pop(), nullptr);
    admission.charge(tenant(1), 1'000'000, 0);
  }
}

TEST_F(AdmissionTest, TheSabotageLetsACancelOvertake) {
  Admission admission(true);
  admission.push(item(1, Kind::result));
  Item& cancel = item(1, Kind::cancel);
  admission.push(cancel);
  EXPECT_EQ(admission.pop(), &cancel);
}

TEST_F(AdmissionTest, TakesEverythingOutAtOnce) {
  Admission admission;
  Item& start = item(1, Kind::start);
  Item& result = item(2, Kind::result);
  admission.push(start);
  admission.push(result);
  EXPECT_EQ(admission.take_all(), (std::vector<Item*>{&result, &start}));
  EXPECT_TRUE(admission.empty());
  EXPECT_EQ(admission.pop(), nullptr);
}

}  // namespace
}  // namespace pawl::engine
