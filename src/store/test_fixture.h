// For tests of this room: one migrated database a program, emptied for each test, and calls that wait for their answer.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "store/postgres/storage.h"
#include "store/test_database.h"

namespace pawl::store::test {

// Made by the first test that needs it, dropped with the program.
class SharedDatabase : public testing::Environment {
 public:
  static const Database& get() {
    if (!instance()->database_) instance()->database_.emplace();
    return *instance()->database_;
  }
  static SharedDatabase* instance() {
    static auto* const environment =
        static_cast<SharedDatabase*>(testing::AddGlobalTestEnvironment(new SharedDatabase));
    return environment;
  }
  void TearDown() override { database_.reset(); }

 private:
  std::optional<Database> database_;
};
inline const auto* const shared_database = SharedDatabase::instance();  // registered before the tests begin

inline constexpr const char* tenant_a = "0190f0c0-0000-7000-8000-00000000000a";
inline constexpr const char* tenant_b = "0190f0c0-0000-7000-8000-00000000000b";

class PgTest : public testing::Test {
 protected:
  PgTest() : database_(SharedDatabase::get()) {
    database_.reset();
    database_.execute(std::string("INSERT INTO pawl.tenants (tenant_id, name) VALUES ('") + tenant_a + "', 'a'), ('" +
                      tenant_b + "', 'b')");
  }

  static Uuid id(std::string_view text) { return *Uuid::parse(text); }
  Uuid a() const { return id(tenant_a); }
  Uuid b() const { return id(tenant_b); }

  // 2026-11-01T12:00:00Z and so many seconds.
  static Time at(int seconds) { return Time(std::chrono::seconds(1'793'534'400 + seconds)); }

  // Calls and waits for the answer.
  template <class T, class Call>
  Result<T> answer_of(Call call) {
    std::optional<Result<T>> answer;
    call([&answer](Result<T> result) { answer.emplace(std::move(result)); });
    pg::test::run_until(io_, [&] { return answer.has_value(); });
    return std::move(*answer);
  }

  const Database& database_;
  boost::asio::io_context io_;
};

}  // namespace pawl::store::test
