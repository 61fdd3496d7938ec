#include "pg/params.h"

#include <gtest/gtest.h>

#include "pg/test_server.h"

namespace pawl::pg {
namespace {

using namespace std::chrono_literals;

TEST(Params, WritesBigEndianWithLengths) {
  Array<std::int16_t> numbers;
  numbers.add(std::int16_t{258});
  numbers.add_null();
  EXPECT_EQ(numbers.size(), 2u);
  // 2-byte length and value, then length -1.
  EXPECT_EQ(numbers.bytes(), 10u);
  std::string out;
  wire::put(out, std::int32_t{-2});
  EXPECT_EQ(out, "\xff\xff\xff\xfe");
  EXPECT_EQ(wire::get<std::int32_t>(out), -2);
  out.clear();
  wire::put(out, std::int16_t{258});
  EXPECT_EQ(out, std::string("\x01\x02", 2));
}

class PgParams : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(run_to_end(io, connection.open({.conninfo = test::server()}))); }
  Outcome<Rows> query(std::string sql, Params params) {
    Pipeline pipeline;
    pipeline.add(std::move(sql), std::move(params));
    auto answer = run_to_end(io, connection.run(std::move(pipeline), test::patience));
    if (!answer) return std::unexpected(answer.error());
    return std::move(answer->front());
  }

  boost::asio::io_context io;
  Connection connection{io};
  const Uuid id = *Uuid::parse("01890a5d-ac96-774b-bcce-b302099a8057");
  const Time instant = *parse_time("2026-11-21T15:14:00.250001Z");
};

TEST_F(PgParams, EveryTypeMakesTheRoundTrip) {
  const std::uint8_t raw[] = {0, 1, 255};
  Params params;
  params.add(true)
      .add(std::int16_t{-32768})
      .add(std::int32_t{2147483647})
      .add(std::int64_t{-9007199254740993})
      .add(0.1);
  params.add(id)
      .add(instant)
      .add(Microseconds(90min))
      .add(std::string_view("naïve ✓"))
      .add(Jsonb{R"({"b":1,"a":[null]})"});
  params.add(Bytea{raw});
  const auto rows = query(
      "SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, "
      "to_char($7 AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), $6::text, $8::text",
      std::move(params));
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_TRUE(rows->get<bool>(0, 0));
  EXPECT_EQ(rows->get<std::int16_t>(0, 1), -32768);
  EXPECT_EQ(rows->get<std::int32_t>(0, 2), 2147483647);
  EXPECT_EQ(rows->get<std::int64_t>(0, 3), -9007199254740993);
  EXPECT_EQ(rows->get<double>(0, 4), 0.1);
  EXPECT_EQ(rows->get<Uuid>(0, 5), id);
  EXPECT_EQ(rows->get<Time>(0, 6), instant);
  EXPECT_EQ(rows->get<Microseconds>(0, 7), 90min);
  EXPECT_EQ(rows->text(0, 8), "naïve ✓");
  EXPECT_EQ(rows->text(0, 9), R"({"a": [null], "b": 1})");
  EXPECT_EQ(rows->bytea(0, 10), (std::vector<std::uint8_t>{0, 1, 255}));
  EXPECT_EQ(rows->text(0, 11), "2026-11-21 15:14:00.250001");
  EXPECT_EQ(rows->text(0, 12), "01890a5d-ac96-774b-bcce-b302099a8057");
  EXPECT_EQ(rows->text(0, 13), "01:30:00");
}

TEST_F(PgParams, EveryTypeMayBeNull) {
  Params params;
  params.add(std::optional<bool>())
      .add(std::optional<std::int16_t>())
      .add(std::optional<std::int32_t>())
      .add(std::optional<std::int64_t>());
  params.add(std::optional<Uuid>())
      .add(std::optional<Time>())
      .add(std::optional<std::string>())
      .add(std::optional<Jsonb>());
  params.add(std::optional<Bytea>()).add(std::optional<Microseconds>()).add(std::optional<double>());
  const auto rows = query("SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11", std::move(params));
  ASSERT_TRUE(rows) << rows.error().message;
  for (std::size_t column = 0; column < 11; ++column) EXPECT_TRUE(rows->is_null(0, column)) << column;
  EXPECT_EQ(rows->maybe<Uuid>(0, 4), std::nullopt);
  EXPECT_EQ(rows->maybe_text(0, 6), "");
  EXPECT_THROW(rows->get<bool>(0, 0), std::logic_error);
}

TEST_F(PgParams, AFaultyReadThrows) {
  const auto rows = query("SELECT 1::int4", {});
  EXPECT_THROW(rows->get<std::int64_t>(0, 0), std::logic_error);
  EXPECT_THROW(rows->text(0, 0), std::logic_error);
  EXPECT_THROW(rows->get<std::int32_t>(0, 1), std::logic_error);
  EXPECT_THROW(rows->get<std::int32_t>(1, 0), std::logic_error);
}

TEST_F(PgParams, ArraysOfEveryTypeUnnestTogetherWithNulls) {
  const std::uint8_t raw[] = {7};
  Array<bool> booleans;
  Array<std::int16_t> smalls;
  Array<std::int32_t> integers;
  Array<std::int64_t> bigs;
  Array<Uuid> ids;
  Array<Time> times;
  Array<std::string_view> texts;
  Array<Jsonb> documents;
  Array<Bytea> bytes;
  booleans.add(true), smalls.add(std::int16_t{1}), integers.add(2), bigs.add(std::int64_t{3}), ids.add(id),
      times.add(instant);
  texts.add("running"), documents.add(Jsonb{"{}"}), bytes.add(Bytea{raw});
  booleans.add_null(), smalls.add_null(), integers.add_null(), bigs.add_null(), ids.add(std::optional<Uuid>()),
      times.add_null();
  texts.add_null(), documents.add_null(), bytes.add_null();
  Params params;
  params.add(booleans).add(smalls).add(integers).add(bigs).add(ids).add(times).add(texts).add(documents).add(bytes);
  const auto rows = query("SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)", std::move(params));
  ASSERT_TRUE(rows) << rows.error().message;
  ASSERT_EQ(rows->size(), 2u);
  EXPECT_EQ(rows->get<std::int64_t>(0, 3), 3);
  EXPECT_EQ(rows->get<Uuid>(0, 4), id);
  EXPECT_EQ(rows->get<Time>(0, 5), instant);
  EXPECT_EQ(rows->text(0, 6), "running");
  for (std::size_t column = 0; column < 9; ++column) EXPECT_TRUE(rows->is_null(1, column)) << column;
}

TEST_F(PgParams, AnEnumeratedTypeTravelsAsText) {
  boost::asio::io_context other;
  test::Database database;
  test::execute(database.conninfo(), "CREATE TYPE mood AS ENUM ('calm', 'wild')");
  Connection own(other);
  ASSERT_TRUE(run_to_end(other, own.open({.conninfo = database.conninfo()})));
  Array<std::string_view> moods;
  moods.add("wild");
  moods.add_null();
  Pipeline pipeline;
  pipeline.add("SELECT unnest($1::text[]::mood[])", Params().add(moods));
  const auto answer = run_to_end(other, own.run(std::move(pipeline), test::patience));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->front().text(0, 0), "wild");
  EXPECT_TRUE(answer->front().is_null(1, 0));
}

TEST_F(PgParams, AnArrayMayBeEmptyOrHoldTenThousand) {
  const auto empty = query("SELECT count(*) FROM unnest($1)", Params().add(Array<Uuid>()));
  ASSERT_TRUE(empty) << empty.error().message;
  EXPECT_EQ(empty->get<std::int64_t>(0, 0), 0);

  Array<std::int32_t> numbers;
  Array<std::string_view> texts;
  numbers.reserve(10'000);
  for (std::int32_t i = 1; i <= 10'000; ++i) {
    numbers.add(i);
    texts.add(i % 2 == 0 ? "even" : "odd");
  }
  const auto rows = query("SELECT sum(n), count(*) FILTER (WHERE t = 'even') FROM unnest($1, $2) AS u(n, t)",
                          Params().add(numbers).add(texts));
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(rows->get<std::int64_t>(0, 0), 50'005'000);
  EXPECT_EQ(rows->get<std::int64_t>(0, 1), 5'000);
}

TEST_F(PgParams, TheServerRefusesZeroCharacters) {
  const auto text = query("SELECT $1::text", Params().add(std::string_view("a\0b", 3)));
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().sqlstate, "22021");
  const auto json = query("SELECT $1::jsonb", Params().add(Jsonb{R"("a\u0000b")"}));
  ASSERT_FALSE(json);
  EXPECT_EQ(json.error().sqlstate, "22P05");
  const auto surrogate = query("SELECT $1::jsonb", Params().add(Jsonb{R"("\ud800")"}));
  ASSERT_FALSE(surrogate);
  EXPECT_EQ(surrogate.error().sqlstate_class(), "22");
  EXPECT_TRUE(query("SELECT 1", {})) << "the connection goes on";
}

}  // namespace
}  // namespace pawl::pg
