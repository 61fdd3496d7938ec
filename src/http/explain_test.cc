#include "http/explain.h"

#include "gtest/gtest.h"

#include "json/write.h"

namespace pawl::http {
namespace {

const Uuid id = *Uuid::parse("0190a5c4-0000-7000-8000-00000000000a");
const Time noon = *parse_time("2026-11-21T12:00:00Z");

Explained of_run(core::RunStatus status) {
  Explained explained;
  explained.holds.run.id = id;
  explained.holds.run.status = status;
  explained.holds.owner = "n1";
  explained.holds.owner_is_live = true;
  explained.owned_here = true;
  explained.now = noon;
  return explained;
}

store::OpenWork work(std::string status) {
  store::OpenWork work;
  work.path = "/do/0/charge";
  work.queue = "default";
  work.action = "shop.charge";
  work.status = std::move(status);
  return work;
}

std::string because(const Explained& explained, std::size_t index = 0) {
  return std::string(explanation(explained).find("holds")->items()[index].find("because")->text());
}

TEST(Explain, ARunThatHasEndedIsHeldByNothing) {
  Explained explained = of_run(core::RunStatus::completed);
  explained.owned_here = explained.holds.owner_is_live = false;
  EXPECT_EQ(
      json::to_text(explanation(explained)),
      R"({"holds":[],"id":"0190a5c4-0000-7000-8000-00000000000a","owner":{"here":false,"live":false,"node":"n1"},)"
      R"("status":"completed"})");
}

TEST(Explain, AnOpenRunIsAlwaysHeldBySomething) {
  EXPECT_EQ(because(of_run(core::RunStatus::running)), "nothing of it is open: its next step is about to be decided");
}

TEST(Explain, WhyNobodyWorksOnIt) {
  Explained explained = of_run(core::RunStatus::running);
  explained.holds.work.push_back(work("ready"));
  const std::string waits = "it waits in queue default for a worker that can do shop.charge";
  EXPECT_EQ(because(explained), waits);  // of a node that does not own it
  explained.remembered.push_back({.known = true});
  EXPECT_EQ(because(explained), waits + "; no worker has asked for it since this server started");
  explained.remembered[0].asked_at = noon;
  explained.remembered[0].ahead = 1;
  EXPECT_EQ(because(explained),
            waits + ", behind 1 other; no worker asks at the moment, the last did at 2026-11-21T12:00:00Z");
  explained.remembered[0].ahead = 3;
  explained.remembered[0].polls = 2;
  EXPECT_EQ(because(explained), waits + ", behind 3 others; 2 polls are waiting for such work");
  explained.remembered[0].refusals = 1;
  EXPECT_TRUE(because(explained).contains("locked by a transaction"));
  EXPECT_EQ(
      json::to_text(explanation(explained).find("holds")->items()[0]),
      R"({"action":"shop.charge","ahead":3,"attempt":1,"because":")" + because(explained) +
          R"(","deaths":0,"kind":"invocation","lastPollAt":"2026-11-21T12:00:00Z","path":"/do/0/charge","polls":2,)"
          R"("queue":"default","state":"ready"})");
}

TEST(Explain, WhoHasIt) {
  Explained explained = of_run(core::RunStatus::running);
  explained.holds.work.push_back(work("leased"));
  explained.holds.work[0].worker = "till-1";
  explained.holds.work[0].deaths = 1;
  explained.holds.work[0].leased_until = *parse_time("2026-11-21T12:01:00Z");
  EXPECT_EQ(because(explained), "worker till-1 has it until 2026-11-21T12:01:00Z");
  explained.holds.work[0].deaths = 3;
  EXPECT_EQ(because(explained), "worker till-1 has it until 2026-11-21T12:01:00Z; 2 workers gave it up before");
  explained.now = *parse_time("2026-11-21T12:02:00Z");
  EXPECT_TRUE(
      because(explained).starts_with("worker till-1 had it until 2026-11-21T12:01:00Z, and has not been heard"));
  explained.holds.work[0].status = "completing";
  EXPECT_TRUE(because(explained).contains("in its own transaction"));
  explained.holds.work[0] = work("ready");
  explained.holds.work[0].queue = "@http";
  EXPECT_EQ(because(explained), "the HTTP call is out, or waits for its turn");
}

TEST(Explain, Waits) {
  Explained explained = of_run(core::RunStatus::waiting);
  explained.holds.waits = {{.path = "/do/0/doze", .kind = "timer", .attempt = {}, .due_at = noon},
                           {.path = "/do/1/try", .kind = "retry", .attempt = "2", .due_at = noon},
                           {.path = "/do/2/slow", .kind = "timeout", .attempt = {}, .due_at = noon},
                           {.path = "/do/3/ask", .kind = "inquiry", .attempt = {}, .due_at = std::nullopt}};
  EXPECT_EQ(because(explained, 0), "it waits until 2026-11-21T12:00:00Z");
  EXPECT_EQ(because(explained, 1), "its retry 2 is due at 2026-11-21T12:00:00Z");
  EXPECT_EQ(because(explained, 2), "it is given up at 2026-11-21T12:00:00Z, unless it ends before");
  EXPECT_EQ(because(explained, 3), "it waits for a person's answer");
  EXPECT_EQ(json::to_text(explanation(explained).find("holds")->items()[1]),
            R"({"attempt":"2","because":"its retry 2 is due at 2026-11-21T12:00:00Z","dueAt":"2026-11-21T12:00:00Z",)"
            R"("kind":"retry","path":"/do/1/try"})");
}

TEST(Explain, WhatHoldsTheWholeRunComesFirst) {
  Explained explained = of_run(core::RunStatus::suspended);
  explained.owned_here = explained.holds.owner_is_live = false;
  explained.holds.run.suspended_reason = "event 7 cannot be folded";
  explained.holds.work.push_back(work("ready"));
  explained.holds.cut = true;
  EXPECT_EQ(because(explained, 0), "the run is suspended, so that nothing of it is decided: event 7 cannot be folded");
  EXPECT_EQ(because(explained, 1),
            "no live server owns lane 10 (the last was n1): nothing of the run is decided until one takes it over");
  EXPECT_EQ(explanation(explained).find("holds")->size(), 3u);
  EXPECT_TRUE(explanation(explained).find("cut")->boolean());
}

}  // namespace
}  // namespace pawl::http
