#include "gtest/gtest.h"

#include "http/embedded.h"
#include "json/parse.h"

namespace pawl::http {
namespace {

using json::Value;

// Whatever the document refers to is there.
void check_references(const Value& document, const Value& part) {
  for (const Value& each : part.items()) check_references(document, each);
  for (const json::Member& member : part.members()) {
    if (member.key() == "$ref") {
      const Value* at = &document;
      std::string_view rest = member.value.text().substr(2);
      while (at != nullptr && !rest.empty()) {
        const std::size_t slash = rest.find('/');
        at = at->find(rest.substr(0, slash));
        rest = slash == std::string_view::npos ? "" : rest.substr(slash + 1);
      }
      EXPECT_NE(at, nullptr) << member.value.text();
    }
    check_references(document, member.value);
  }
}

TEST(OpenApi, RefersOnlyToWhatIsThere) {
  const Value document = *json::parse(embedded::file("openapi.json"));
  check_references(document, document);
}

}  // namespace
}  // namespace pawl::http
