#include "dsl/yaml.h"

#include <algorithm>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "dsl/core_schema.h"
#include "dsl/yaml_events.h"
#include "json/pointer.h"

namespace pawl::dsl {
namespace {

using Kind = YamlEvent::Kind;

// What a value costs wherever it is put: an alias costs the same again.
struct Weight {
  std::uint64_t nodes = 0, bytes = 0;
};

struct Built {
  json::Value value;
  Places places;
};

struct Anchored {
  bool open = true;  // its value is not complete: an alias to it would be a cycle
  Built built;
  Weight weight;
};

struct Entry {
  std::string key;
  Built built;
};

// A mapping or sequence that is being read.
struct Frame {
  bool is_mapping = false;
  bool has_key = false;  // of a mapping: a key was read, its value comes next
  std::string key, anchor;
  std::uint32_t key_offset = 0, offset = 0;
  Weight before;
  std::vector<Entry> entries;
};

class Reader {
 public:
  Reader(std::string_view text, const Limits& limits, Diagnostics& problems)
      : text_(text), limits_(limits), problems_(problems), events_(text) {}

  std::optional<Built> read() {
    while (!stopped_) {
      const auto event = events_.next();
      if (!event) break;
      take(*event);
    }
    if (const auto problem = events_.problem(); problem && !stopped_) {
      stop("yaml-syntax", offset_of(*problem), "the text is not YAML: " + problem->message,
           problem->message.contains("tab") ? "indent with spaces" : "");
    }
    if (!stopped_ && !root_) stop("empty-document", 0, "the document is empty", "");
    return stopped_ ? std::nullopt : std::move(root_);
  }

 private:
  void take(const YamlEvent& event) {
    if (event.kind == Kind::document) return start_document(event);
    if (event.kind == Kind::end) return finish();
    if (!frames_.empty() && frames_.back().is_mapping && !frames_.back().has_key) return take_key(event);
    switch (event.kind) {
      case Kind::scalar:
        return take_scalar(event);
      case Kind::alias:
        return take_alias(event);
      default:
        return open(event);
    }
  }

  void start_document(const YamlEvent& event) {
    if (++documents_ == 1) return;
    stop("multiple-documents", event.offset, "the text holds more than one YAML document",
         "put each definition into a file of its own");
  }

  void take_key(const YamlEvent& event) {
    if (event.kind != Kind::scalar) {
      return stop("invalid-key", event.offset, "a key must be a plain or quoted text", "");
    }
    Frame& frame = frames_.back();
    frame.has_key = true;
    frame.key = event.text;
    frame.key_offset = static_cast<std::uint32_t>(event.offset);
    if (event.plain && event.text == "<<") {
      problem("merge-key", event.offset, "merge keys (<<) are not part of YAML 1.2", "write the members out");
    }
    if (event.plain && event.text.empty()) problem("invalid-key", event.offset, "the key is empty", "");
    if (!event.tag.empty() && event.tag != "tag:yaml.org,2002:str" && event.tag != "!") {
      problem("yaml-tag", event.offset, "a key cannot have the tag " + event.tag, "");
    }
    check_characters(event);
    if (!event.anchor.empty())
      anchors_[event.anchor] = {false, {json::Value::string(event.text), {}}, {1, event.text.size()}};
    used_.bytes += event.text.size();
  }

  void take_scalar(const YamlEvent& event) {
    charge({1, event.text.size()}, event.offset);
    if (stopped_) return;
    check_characters(event);
    const auto offset = static_cast<std::uint32_t>(event.offset);
    Built built{scalar(event), {offset, offset, nullptr}};
    if (!event.anchor.empty()) anchors_[event.anchor] = {false, built, {1, event.text.size()}};
    deliver(std::move(built));
  }

  json::Value scalar(const YamlEvent& event) {
    static constexpr std::string_view core = "tag:yaml.org,2002:";
    if (event.tag.empty() && !event.plain) return json::Value::string(event.text);
    if (event.tag == "!") return json::Value::string(event.text);
    const bool tagged = !event.tag.empty();
    const std::string_view kind = std::string_view(event.tag).starts_with(core)
                                      ? std::string_view(event.tag).substr(core.size())
                                      : std::string_view();
    if (tagged && kind != "str" && kind != "int" && kind != "float" && kind != "bool" && kind != "null") {
      problem("yaml-tag", event.offset, "the tag " + event.tag + " is not one of a scalar's core tags",
              "allowed are !!str, !!int, !!float, !!bool and !!null");
      return json::Value::string(event.text);
    }
    auto value = tagged ? tagged_scalar(kind, event.text) : plain_scalar(event.text);
    if (value) return *value;
    const std::string_view code = value.error().contains("tag") ? "yaml-tag" : "number-out-of-range";
    problem(code, event.offset, event.text.substr(0, 40) + ": " + value.error(), "quote it if it is meant as text");
    return json::Value();
  }

  void take_alias(const YamlEvent& event) {
    if (++aliases_ > limits_.aliases) {
      return stop("too-many-aliases", event.offset, "more than " + std::to_string(limits_.aliases) + " aliases", "");
    }
    const auto found = anchors_.find(event.text);
    if (found == anchors_.end()) {
      return stop("unknown-alias", event.offset, "there is no anchor &" + event.text + " before this alias", "");
    }
    const Anchored& anchored = found->second;
    if (anchored.open) {
      return stop("recursive-alias", event.offset, "the alias *" + event.text + " stands inside its own anchor", "");
    }
    charge(anchored.weight, event.offset);
    check_depth(frames_.size() + anchored.built.value.depth(), event.offset);
    if (stopped_) return;
    const auto offset = static_cast<std::uint32_t>(event.offset);
    deliver({anchored.built.value, {offset, offset, anchored.built.places.children}});
  }

  void open(const YamlEvent& event) {
    charge({1, 0}, event.offset);
    check_depth(frames_.size() + 1, event.offset);
    if (stopped_) return;
    const bool is_mapping = event.kind == Kind::mapping;
    const std::string_view own_tag = is_mapping ? "tag:yaml.org,2002:map" : "tag:yaml.org,2002:seq";
    if (!event.tag.empty() && event.tag != own_tag && event.tag != "!") {
      problem("yaml-tag", event.offset, "the tag " + event.tag + " does not fit here", "leave it out");
    }
    Frame frame;
    frame.is_mapping = is_mapping;
    frame.anchor = event.anchor;
    frame.offset = static_cast<std::uint32_t>(event.offset);
    frame.before = {used_.nodes - 1, used_.bytes};
    if (!event.anchor.empty()) anchors_[event.anchor] = Anchored{};
    frames_.push_back(std::move(frame));
  }

  void finish() {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    Built built = frame.is_mapping ? mapping(frame) : sequence(frame);
    if (!frame.anchor.empty()) {
      const Weight weight{used_.nodes - frame.before.nodes, used_.bytes - frame.before.bytes};
      anchors_[frame.anchor] = {false, built, weight};
    }
    deliver(std::move(built));
  }

  Built sequence(Frame& frame) {
    std::vector<json::Value> items;
    auto children = std::make_shared<std::vector<Places>>();
    items.reserve(frame.entries.size());
    children->reserve(frame.entries.size());
    for (Entry& entry : frame.entries) {
      items.push_back(std::move(entry.built.value));
      children->push_back(std::move(entry.built.places));
    }
    return {json::Value::array(std::move(items)), {frame.offset, frame.offset, std::move(children)}};
  }

  // Sorted here as json::Value sorts, so that places and members go in one order. Of equal keys the first is kept.
  Built mapping(Frame& frame) {
    std::ranges::sort(frame.entries, [](const Entry& a, const Entry& b) {
      return std::pair(std::string_view(a.key), a.built.places.key) <
             std::pair(std::string_view(b.key), b.built.places.key);
    });
    std::vector<json::Member> members;
    auto children = std::make_shared<std::vector<Places>>();
    members.reserve(frame.entries.size());
    children->reserve(frame.entries.size());
    for (Entry& entry : frame.entries) {
      if (!members.empty() && members.back().key() == entry.key) {
        problems_.error_at("duplicate-key", entry.built.places.key,
                           json::append_pointer(pointer_of_frames(), entry.key),
                           "the key \"" + entry.key.substr(0, 100) + "\" stands in this mapping already", "");
        continue;
      }
      members.push_back({json::Value::string(entry.key), std::move(entry.built.value)});
      children->push_back(std::move(entry.built.places));
    }
    return {json::Value::object(std::move(members)), {frame.offset, frame.offset, std::move(children)}};
  }

  void deliver(Built built) {
    if (frames_.empty()) {
      root_ = std::move(built);
      return;
    }
    Frame& frame = frames_.back();
    if (frame.is_mapping) built.places.key = frame.key_offset;
    frame.entries.push_back({std::move(frame.key), std::move(built)});
    frame.key.clear();
    frame.has_key = false;
  }

  // Before anything of that weight is built.
  void charge(const Weight& weight, std::size_t offset) {
    used_.nodes += weight.nodes;
    used_.bytes += weight.bytes;
    if (used_.nodes > limits_.nodes) {
      stop("too-many-nodes", offset,
           "more than " + std::to_string(limits_.nodes) + " values, each use of an alias counted in full", "");
    } else if (used_.bytes > expanded_bytes_at_most) {
      stop("too-many-nodes", offset,
           "more than " + std::to_string(expanded_bytes_at_most) + " bytes, each use of an alias counted in full", "");
    }
  }

  void check_depth(std::size_t depth, std::size_t offset) {
    if (depth <= limits_.depth) return;
    stop("too-deep", offset, "nested deeper than " + std::to_string(limits_.depth) + " levels", "");
  }

  void check_characters(const YamlEvent& event) {
    if (!event.text.contains('\0')) return;
    problem("forbidden-character", event.offset, "a text holds U+0000, which cannot be stored", "");
  }

  std::string pointer_of_frames() const {
    std::string pointer;
    for (const Frame& frame : frames_) {
      if (frame.is_mapping && !frame.has_key) break;
      pointer = frame.is_mapping ? json::append_pointer(pointer, frame.key)
                                 : json::append_pointer(pointer, frame.entries.size());
    }
    return pointer;
  }

  void problem(std::string_view code, std::size_t offset, std::string message, std::string hint) {
    problems_.error_at(code, offset, pointer_of_frames(), std::move(message), std::move(hint));
  }

  void stop(std::string_view code, std::size_t offset, std::string message, std::string hint) {
    if (!stopped_) problem(code, offset, std::move(message), std::move(hint));
    stopped_ = true;
  }

  std::size_t offset_of(const YamlSyntaxProblem& problem) const {
    std::size_t offset = 0;
    for (std::uint32_t line = 1; line < problem.line; ++line) {
      const std::size_t next = text_.find('\n', offset);
      if (next == text_.npos) break;
      offset = next + 1;
    }
    return std::min(offset + problem.column - 1, text_.size());
  }

  std::string_view text_;
  const Limits& limits_;
  Diagnostics& problems_;
  YamlEvents events_;
  std::vector<Frame> frames_;
  std::unordered_map<std::string, Anchored> anchors_;
  std::optional<Built> root_;
  Weight used_;
  std::uint32_t aliases_ = 0, documents_ = 0;
  bool stopped_ = false;
};

// The beginning of the first line that is not UTF-8.
std::size_t invalid_line(std::string_view text) {
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (!is_utf8(text.substr(begin, end - begin))) break;
    begin = end + 1;
  }
  return begin;
}

}  // namespace

std::optional<json::Value> read_yaml(std::string_view text, const Limits& limits, Diagnostics& problems,
                                     SourceMap& map) {
  if (text.size() > limits.bytes) {
    problems.error_at("document-too-large", 0, "",
                      "the document has " + std::to_string(text.size()) + " bytes, at most " +
                          std::to_string(limits.bytes) + " are allowed");
    return std::nullopt;
  }
  if (const std::size_t zero = text.find('\0'); zero != text.npos) {
    problems.error_at("forbidden-character", zero, "", "the text holds U+0000", "is it UTF-8?");
    return std::nullopt;
  }
  if (!is_utf8(text)) {
    problems.error_at("invalid-utf8", invalid_line(text), "", "this line is not UTF-8", "save the document as UTF-8");
    return std::nullopt;
  }
  auto built = Reader(text, limits, problems).read();
  if (!built) return std::nullopt;
  map.set_root(built->value, std::move(built->places));
  return std::move(built->value);
}

}  // namespace pawl::dsl
