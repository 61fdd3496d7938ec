#include "store/postgres/commit.h"

#include <gtest/gtest.h>

#include "store/postgres/plan_age.h"

namespace pawl::store {

namespace {

using Kind = ports::CommitFailure::Kind;

pg::Error answered(std::string sqlstate, std::string message = {}, std::string table = {},
                   std::string constraint = {}) {
  pg::Error error;
  error.kind = pg::Error::Kind::server_answered;
  error.sqlstate = std::move(sqlstate);
  error.message = std::move(message);
  error.table = std::move(table);
  error.constraint = std::move(constraint);
  return error;
}

}  // namespace

TEST(CommitFailureOf, SortsWhatTheServerAnswered) {
  EXPECT_EQ(failure_of(answered("PW001")).kind, Kind::fenced);
  for (const char* state : {"40001", "40P01", "40000", "55P03", "57014", "25P02"}) {
    EXPECT_EQ(failure_of(answered(state)).kind, Kind::again) << state;
  }
  for (const char* state : {"53100", "53200", "25006"})
    EXPECT_EQ(failure_of(answered(state)).kind, Kind::full) << state;
  for (const char* state : {"21000", "22P05", "22021", "23505", "54000"})
    EXPECT_EQ(failure_of(answered(state)).kind, Kind::data) << state;
  EXPECT_EQ(failure_of(answered("42P01")).kind, Kind::other);
  EXPECT_EQ(failure_of(answered("57P01")).kind, Kind::unknown);
}

TEST(CommitFailureOf, AConflictSaysWhatWasMiscounted) {
  const ports::CommitFailure failure = failure_of(answered("PW002", "invocation: 1 of 2"));
  EXPECT_EQ(failure.kind, Kind::conflict);
  EXPECT_EQ(failure.what, "invocation");
  EXPECT_EQ(failure.sqlstate, "PW002");
  EXPECT_EQ(failure_of(answered("PW002", "run: 0 of 1")).what, "run");
}

TEST(CommitFailureOf, APartitionThatIsBeingDrainedIsTriedAgainACheckOfTheTableIsNot) {
  EXPECT_EQ(failure_of(answered("23514", "violates partition constraint", "workflow_events_default")).kind,
            Kind::again);
  EXPECT_EQ(
      failure_of(answered("23514", "violates check constraint", "workflow_runs", "workflow_runs_queue_check")).kind,
      Kind::data);
}

TEST(CommitFailureOf, NoAnswerIsUnknownWhateverWasSaid) {
  for (const auto kind : {pg::Error::Kind::connection_lost, pg::Error::Kind::deadline, pg::Error::Kind::not_sent}) {
    pg::Error error = answered("PW002", "run: 0 of 1");
    error.kind = kind;
    EXPECT_EQ(failure_of(error).kind, Kind::unknown);
    EXPECT_EQ(failure_of(error).what, "");
  }
}

TEST(EncodeCommit, StatementsWithNothingToDoAreLeftOut) {
  const EncodedCommit empty = encode_commit(Uuid(), {}, false);
  EXPECT_EQ(empty.pipeline.size(), 3U);  // BEGIN, the fence, COMMIT
  EXPECT_EQ(empty.shape.fence_at, 1U);
  EXPECT_FALSE(empty.shape.starts_at || empty.shape.claims_at || empty.shape.extensions_at);

  ports::Batch batch;
  batch.claims.resize(2);
  batch.extensions.resize(1);
  const EncodedCommit encoded = encode_commit(Uuid(), batch, true);
  EXPECT_EQ(encoded.pipeline.size(), 6U);  // DISCARD PLANS before them, claims and extensions behind the fence
  EXPECT_EQ(encoded.shape.fence_at, 2U);
  EXPECT_EQ(encoded.shape.claims_at, 3U);
  EXPECT_EQ(encoded.shape.extensions_at, 4U);
  EXPECT_EQ(encoded.shape.rows, 3U);
}

TEST(PlanAgeTest, PlansGrowOldByRowsAndByTime) {
  const PlanAge::Instant start = PlanAge::Instant() + std::chrono::hours(1);
  PlanAge age;
  EXPECT_TRUE(age.too_old(start));  // the first commit of a session
  EXPECT_FALSE(age.too_old(start));
  age.wrote(99);
  EXPECT_FALSE(age.too_old(start));
  age.wrote(1);
  EXPECT_TRUE(age.too_old(start));
  age.wrote(199);  // the limit has doubled
  EXPECT_FALSE(age.too_old(start));
  age.wrote(1);
  EXPECT_TRUE(age.too_old(start));
  EXPECT_FALSE(age.too_old(start + std::chrono::milliseconds(9'999)));
  EXPECT_TRUE(age.too_old(start + std::chrono::seconds(10)));
}

}  // namespace pawl::store
