#include "dsl/yaml_events.h"

#include <libfyaml.h>

#include <algorithm>

namespace pawl::dsl {
namespace {

struct DestroyDiagnostics {
  void operator()(fy_diag* diagnostics) const { fy_diag_destroy(diagnostics); }
};
struct DestroyParser {
  void operator()(fy_parser* parser) const { fy_parser_destroy(parser); }
};

std::string text_of(fy_token* token) {
  if (token == nullptr) return {};
  std::size_t length = 0;
  const char* text = fy_token_get_text(token, &length);
  return text == nullptr ? std::string() : std::string(text, length);
}

// Errors are collected, never printed.
fy_diag* create_diagnostics() {
  fy_diag_cfg config;
  fy_diag_cfg_default(&config);
  config.fp = nullptr;
  config.level = FYET_MAX;
  config.colorize = false;
  fy_diag* diagnostics = fy_diag_create(&config);
  fy_diag_set_collect_errors(diagnostics, true);
  return diagnostics;
}

// FYPCF_DISABLE_MMAP_OPT must stay away: with it, this version of the library crashes.
fy_parser* create_parser(fy_diag* diagnostics) {
  fy_parse_cfg config{};
  config.flags = static_cast<fy_parse_cfg_flags>(FYPCF_QUIET | FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE);
  config.diag = diagnostics;
  return fy_parser_create(&config);
}

}  // namespace

// The library counts references of the diagnostics: the parser holds one too.
struct YamlEvents::Parser {
  std::unique_ptr<fy_diag, DestroyDiagnostics> diagnostics{create_diagnostics()};
  std::unique_ptr<fy_parser, DestroyParser> parser{create_parser(diagnostics.get())};
  std::size_t last_offset = 0;

  void place(YamlEvent& event, fy_token* token, bool prefixed) {
    const fy_mark* mark = token == nullptr ? nullptr : fy_token_start_mark(token);
    // The mark of a quoted scalar is behind its quotation mark, that of an alias behind its asterisk.
    event.offset = mark == nullptr ? last_offset : mark->input_pos - (prefixed && mark->input_pos > 0 ? 1 : 0);
    last_offset = event.offset;
  }
};

YamlEvents::YamlEvents(std::string_view text) : parser_(std::make_unique<Parser>()) {
  fy_parser_set_string(parser_->parser.get(), text.data(), text.size());
}

YamlEvents::~YamlEvents() = default;

std::optional<YamlEvent> YamlEvents::next() {
  while (fy_event* raw = fy_parser_parse(parser_->parser.get())) {
    using Kind = YamlEvent::Kind;
    YamlEvent event;
    bool wanted = true;
    switch (raw->type) {
      case FYET_DOCUMENT_START:
        event.kind = Kind::document;
        parser_->place(event, raw->document_start.document_start, false);
        break;
      case FYET_MAPPING_START:
        event.kind = Kind::mapping;
        event.anchor = text_of(raw->mapping_start.anchor);
        event.tag = text_of(raw->mapping_start.tag);
        parser_->place(event, raw->mapping_start.mapping_start, false);
        break;
      case FYET_SEQUENCE_START:
        event.kind = Kind::sequence;
        event.anchor = text_of(raw->sequence_start.anchor);
        event.tag = text_of(raw->sequence_start.tag);
        parser_->place(event, raw->sequence_start.sequence_start, false);
        break;
      case FYET_MAPPING_END:
      case FYET_SEQUENCE_END:
        event.kind = Kind::end;
        event.offset = parser_->last_offset;
        break;
      case FYET_SCALAR: {
        fy_token* value = raw->scalar.value;
        const fy_scalar_style style = value == nullptr ? FYSS_PLAIN : fy_token_scalar_style(value);
        event.plain = style == FYSS_PLAIN;
        event.text = text_of(value);
        event.anchor = text_of(raw->scalar.anchor);
        event.tag = text_of(raw->scalar.tag);
        parser_->place(event, value, style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED);
        break;
      }
      case FYET_ALIAS:
        event.kind = Kind::alias;
        event.text = text_of(raw->alias.anchor);
        parser_->place(event, raw->alias.anchor, true);
        break;
      default:
        wanted = false;
    }
    fy_parser_event_free(parser_->parser.get(), raw);
    if (wanted) return event;
  }
  return std::nullopt;
}

std::optional<YamlSyntaxProblem> YamlEvents::problem() const {
  if (!fy_parser_get_stream_error(parser_->parser.get())) return std::nullopt;
  void* position = nullptr;
  const fy_diag_error* error = fy_diag_errors_iterate(parser_->diagnostics.get(), &position);
  if (error == nullptr) return YamlSyntaxProblem{.message = "not YAML"};
  return YamlSyntaxProblem{error->msg == nullptr ? "not YAML" : error->msg,
                           static_cast<std::uint32_t>(std::max(error->line, 1)),
                           static_cast<std::uint32_t>(std::max(error->column, 1))};
}

}  // namespace pawl::dsl
