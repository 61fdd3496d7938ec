#include "access/authenticator.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>
#include <vector>

#include "access/embedded.h"
#include "access/token_memory.h"
#include "access/token_text.h"
#include "pg/pool.h"

namespace pawl::access {

namespace {

const pg::Statement as_tenant{"access_as_tenant", embedded::file("as_tenant.sql")};
const pg::Statement find_token{"access_find_token", embedded::file("find_token.sql")};

Problem refusal(bool missing) {
  return {.status = 401,
          .code = "unauthorized",
          .title = missing ? "The request carries no bearer token" : "The bearer token is not valid",
          .detail = {},
          .instance = {},
          .hint = missing ? "Send the header Authorization: Bearer pawl_…" : "Make a new one with pawl token create."};
}

}  // namespace

class Authenticator::Core : public std::enable_shared_from_this<Core> {
 public:
  Core(boost::asio::io_context& io, AuthenticatorOptions options)
      : options_(std::move(options)),
        memory_(options_.remembered, options_.remembered_refusals),
        pool_(io, pool_options(options_.connections)),
        known_(io, pool_options(1)) {}

  void authenticate(std::string_view text, Done<Caller> then) {
    const auto token = TokenText::parse(text);
    if (!token) return then(fail(refusal(text.empty())));
    const Caller caller{.tenant = token->tenant, .token_id = token->id};
    const Sha256 secret = token->secret_sha256();
    if (const auto known = memory_.look_up(caller, secret, TokenMemory::Clock::now())) {
      return *known ? then(caller) : then(fail(refusal(false)));
    }
    // Guesses cost a look each, and whoever guesses fast fills that line: callers who were known stand in another.
    const Question question{caller.tenant, caller.token_id, memory_.was_good(caller, secret)};
    auto& waiting = waiting_[question];
    waiting.push_back({secret, std::move(then)});
    if (waiting.size() > 1) return;  // the question is already on its way
    pg::Pipeline pipeline;
    pipeline.begin();
    pipeline.add(as_tenant, std::move(pg::Params().add(caller.tenant)));
    pipeline.add(find_token, std::move(pg::Params().add(caller.tenant).add(caller.token_id)));
    pipeline.commit();
    pg::Pool& pool = question.was_good ? known_ : pool_;
    pool.send(std::move(pipeline), options_.timeout,
              [weak = weak_from_this(), question](pg::Outcome<pg::Results> answer) {
                if (const auto self = weak.lock()) self->answer(question, std::move(answer));
              });
  }

 private:
  pg::PoolOptions pool_options(std::size_t connections) const {
    return {.connect = {.conninfo = options_.conninfo, .role = "pawl_reader", .application_name = "pawl access"},
            .connections = connections};
  }

  struct Question {
    Uuid tenant, token;
    bool was_good = false;
    auto operator<=>(const Question&) const = default;
  };
  struct Waiting {
    Sha256 secret;
    Done<Caller> then;
  };

  void answer(const Question& question, pg::Outcome<pg::Results> found) {
    const auto waiting = waiting_.extract(question);
    const Caller caller{.tenant = question.tenant, .token_id = question.token};
    if (!found) {
      for (Waiting& each : waiting.mapped()) each.then(fail(pg::problem_of(found.error())));
      return;
    }
    remember(caller, (*found)[2]);
    for (Waiting& each : waiting.mapped()) {
      const auto known = memory_.look_up(caller, each.secret, TokenMemory::Clock::now());
      // Not known: a token that expired while it was looked up.
      known.value_or(false) ? each.then(caller) : each.then(fail(refusal(false)));
    }
  }

  void remember(const Caller& caller, const pg::Rows& rows) {
    const auto now = TokenMemory::Clock::now();
    if (rows.empty()) return memory_.refuse(caller, now + options_.refused_for);
    Sha256 secret{};
    std::ranges::copy(rows.get<pg::Bytea>(0, 0).bytes, secret.begin());
    const auto left = rows.maybe<Microseconds>(0, 1).value_or(options_.good_for);
    memory_.accept(caller, secret, now + std::min(left, options_.good_for));
  }

  AuthenticatorOptions options_;
  TokenMemory memory_;
  std::map<Question, std::vector<Waiting>> waiting_;
  pg::Pool pool_, known_;
};

Authenticator::Authenticator(boost::asio::io_context& io, AuthenticatorOptions options)
    : core_(std::make_shared<Core>(io, std::move(options))) {}

Authenticator::~Authenticator() = default;

void Authenticator::authenticate(std::string_view token, Done<Caller> then) {
  core_->authenticate(token, std::move(then));
}

}  // namespace pawl::access
