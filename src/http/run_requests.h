// What the requests about runs say.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/problem.h"
#include "engine/api.h"
#include "http/message.h"
#include "store/reads.h"

namespace pawl::http {

struct StartRequest {
  engine::StartRun run;
  Microseconds wait{0};
};

// {definition, version?, input?, idempotencyKey?, queue?, priority?, correlationId?}, ?wait=.
Result<StartRequest> read_start(const Uuid& tenant, const Request& request);

struct RunListRequest {
  store::RunFilter filter;
  store::PageOptions page;
};

// ?status=&definition=&startedFrom=&startedBefore=&limit=&cursor=
Result<RunListRequest> read_run_list(const Request& request);

// ?limit=&cursor= of lists that go by time.
Result<store::PageOptions> read_page(const Request& request);

// {reason?}, or no body at all.
Result<std::string> read_cancel(const Request& request);

// ?cursor= of lists that go by number: the number of the last item of the page before; 0 when absent.
Result<std::uint32_t> number_cursor(const Request& request);

// ?limit=&cursor= of such lists, and no other parameter.
struct NumberedPage {
  std::uint32_t after = 0, limit = 0;
};
Result<NumberedPage> read_numbered_page(const Request& request);

// Behind which event a stream begins: Last-Event-ID, which a browser sends when it comes again, else ?after=, else 0.
Result<std::uint32_t> read_stream_place(const Request& request);

// "shop/order" → shop, order.
Result<std::pair<std::string, std::string>> split_definition(std::string_view text, std::string_view place);

// A queue's name: 1 … limits::name_bytes; `queue-reserved` for one that begins with '@'.
Result<void> check_queue(std::string_view queue, std::string_view place);

}  // namespace pawl::http
