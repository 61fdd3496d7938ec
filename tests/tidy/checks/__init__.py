"""The checks. Each takes a tree and yields one complaint per violation, beginning with its place."""


class Skip(Exception):
    """Raised by a check that lacks something optional."""


from .documents import commands_exist, limits_are_documented, packages_have_reasons  # noqa: E402
from .formatting import clang_format_is_clean  # noqa: E402
from .includes import (engine_is_sans_io, headers_say_what_they_are, heavy_headers_are_hidden,  # noqa: E402
                       includes_point_down)
from .scenarios import rules_have_scenarios  # noqa: E402
from .sizes import files_are_small, functions_are_small, rooms_have_a_readme  # noqa: E402
from .words import no_machine_paths, no_stray_todo  # noqa: E402

CHECKS = [
    includes_point_down,
    heavy_headers_are_hidden,
    engine_is_sans_io,
    headers_say_what_they_are,
    rooms_have_a_readme,
    files_are_small,
    functions_are_small,
    no_machine_paths,
    no_stray_todo,
    commands_exist,
    packages_have_reasons,
    limits_are_documented,
    rules_have_scenarios,
    clang_format_is_clean,
]
