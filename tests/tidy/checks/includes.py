"""Who may include whom."""
import re

from tree import lines_of

# The rooms below each room. What they may include, it may include too.
BELOW = {
    "base": [],
    "json": ["base"],
    "expr": ["json"],
    "dsl": ["expr"],
    "core": ["dsl"],
    "ports": ["core"],
    "engine": ["ports"],
    "pg": ["base"],
    "store": ["ports", "pg"],
    "actions": ["ports"],
    "access": ["pg"],
    "db": ["store"],
    "http": ["engine", "store", "access"],
    "app": ["engine", "store", "actions", "access", "db", "http"],
    "bench": ["app"],
    "cli": ["app", "bench"],
}

# http/ deploys, takes what workers log, and reads lists and pages; it knows nothing of the store's hot path.
STORE_HEADERS_OF_HTTP = ("store/reads", "store/definitions", "store/task_logs")

# Headers that cost seconds in each file that includes them: a regular expression, and in how many files it may stand.
HEAVY = {r"boost/beast": 3, r"spdlog/": 3, r"CLI/": 3}

# core/ and engine/ are state machines: the simulator runs them in one thread from a seed, so they may not reach the world.
SANS_IO_ROOMS = ("expr", "dsl", "core", "ports", "engine")
WORLD_HEADERS = re.compile(
    r"^(boost/|libpq|postgresql/|curl/|openssl/|sodium|spdlog/|unistd\.h|sys/|thread$|mutex$|shared_mutex$|"
    r"condition_variable$|future$|coroutine$|fstream$|iostream$|random$|filesystem$)")
WORLD_CALLS = re.compile(r"\b(system_clock::now|steady_clock::now|gettimeofday|clock_gettime|std::rand|random_device|getenv|"
                         r"secret_seed|fill_secret)\b")
# A file and the header that it may include, with the reason.
SANS_IO_EXCEPTIONS = {
    # All loops share the cache of compiled programs, and it holds nothing else that changes.
    "src/engine/program_cache.h": "mutex",
}

INCLUDE = re.compile(r'^\s*#\s*include\s+["<]([^">]+)[">]')


def reachable(room):
    found, open_rooms = {room}, [room]
    while open_rooms:
        for below in BELOW.get(open_rooms.pop(), []):
            if below not in found:
                found.add(below)
                open_rooms.append(below)
    return found


def includes(text):
    for number, line in lines_of(text):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(1)


def sources(tree):
    return tree.matching(".cc", ".h", under="src/")


def is_test(path):
    return path.endswith(("_test.cc", "_test.h")) or "/test_" in path


def includes_point_down(tree):
    for path, text in sources(tree):
        room = path.split("/")[1]
        if room not in BELOW:
            yield f"{path}: the room '{room}' has no place among the rooms"
            continue
        allowed = reachable(room)
        for number, header in includes(text):
            target = header.split("/")[0]
            if header.startswith(".."):
                yield f"{path}:{number}: includes {header} by a relative path"
            elif "/" in header and target in BELOW and target not in allowed:
                yield f"{path}:{number}: {room}/ may not include {header}"
            elif (room == "http" and target == "store" and not is_test(path) and
                  not header.startswith(STORE_HEADERS_OF_HTTP)):
                yield f"{path}:{number}: http/ may include of the store only its reads, definitions and task logs, not {header}"


def heavy_headers_are_hidden(tree):
    included = {path: {header for _, header in includes(text)} for path, text in sources(tree)}
    for pattern, at_most in HEAVY.items():
        users = {path for path, headers in included.items() if any(re.match(pattern, header) for header in headers)}
        # A header of ours that includes one hands it on.
        spread = True
        while spread:
            ours = {path.removeprefix("src/") for path in users if path.endswith(".h")}
            spread = {path for path, headers in included.items() if headers & ours} - users
            users |= spread
        compiled = sorted(path for path in users if path.endswith(".cc"))
        if len(compiled) > at_most:
            yield f"{compiled[0]}: {pattern} is compiled in {len(compiled)} files, at most {at_most}: {', '.join(compiled)}"


def engine_is_sans_io(tree):
    for path, text in sources(tree):
        if path.split("/")[1] not in SANS_IO_ROOMS or is_test(path):
            continue
        for number, header in includes(text):
            if WORLD_HEADERS.match(header) and SANS_IO_EXCEPTIONS.get(path) != header:
                yield f"{path}:{number}: a room without I/O includes <{header}>"
        for number, line in lines_of(text):
            if WORLD_CALLS.search(line.split("//")[0]):
                yield f"{path}:{number}: a room without I/O calls {WORLD_CALLS.search(line).group(1)}"


def headers_say_what_they_are(tree):
    for path, text in tree.matching(".h"):
        if not text.startswith("//"):
            yield f"{path}:1: does not begin with a comment that says what it is for"
        if "\n#pragma once\n" not in text:
            yield f"{path}: has no #pragma once"
