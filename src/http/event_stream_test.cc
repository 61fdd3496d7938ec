#include "http/event_stream.h"

#include <gtest/gtest.h>

#include <vector>

namespace pawl::http {
namespace {

std::vector<std::string> read(EventStream& stream, std::string_view bytes, std::size_t at_once) {
  std::vector<std::string> events;
  for (std::size_t i = 0; i < bytes.size(); i += at_once) {
    EXPECT_TRUE(stream.put(bytes.substr(i, at_once), [&](const ServerSentEvent& event) {
      events.push_back(event.id + "|" + event.type + "|" + event.data);
      return true;
    }));
  }
  return events;
}

TEST(EventStream, ReadsEventsHoweverTheBytesAreCut) {
  constexpr std::string_view text =
      "retry: 1000\n\n: comment\n\nid: 1\nevent: a\ndata: {\"x\":1}\n\n:\n\nid:2\r\ndata:first\r\ndata: "
      "second\r\n\r\nevent: "
      "end\ndata: e\n\nid: 3\ndata: cut";
  for (const std::size_t at_once : {1u, 2u, 7u, 1'000u}) {
    EventStream stream;
    EXPECT_EQ(read(stream, text, at_once), (std::vector<std::string>{"1|a|{\"x\":1}", "2||first\nsecond", "2|end|e"}));
    EXPECT_EQ(stream.last_id(), "3");
  }
}

TEST(EventStream, StopsWhenItIsTold) {
  EventStream stream("7");
  int count = 0;
  EXPECT_FALSE(stream.put("data: a\n\ndata: b\n\n", [&](const ServerSentEvent& event) {
    EXPECT_EQ(event.id, "7");
    return ++count < 1;
  }));
  EXPECT_EQ(count, 1);
}

}  // namespace
}  // namespace pawl::http
