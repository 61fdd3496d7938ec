"""What no file may say."""
import re

from tree import lines_of

# A path or host that only one machine has.
MACHINE = re.compile(r"(?<![\w.$}/-])/(work|farm|root|home|Users|tmp/bash_jobs)/[\w.-]+|"
                     r"\b[\w-]+\.(internal|corp|lan)\b|\b(registry|proxy|mirror)\.[\w-]+\.\w+")
# The checks themselves name what they look for.
NOT_LOOKED_AT = ("tests/tidy/",)

UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b:?\s*(.*)")


def looked_at(tree):
    return [(path, text) for path, text in tree.files.items() if not path.startswith(NOT_LOOKED_AT)]


def no_machine_paths(tree):
    for path, text in looked_at(tree):
        for number, line in lines_of(text):
            match = MACHINE.search(line)
            if match:
                yield f"{path}:{number}: names {match.group(0)}, which only one machine has"


def no_stray_todo(tree):
    roadmap = tree.text("docs/roadmap.md")
    for path, text in looked_at(tree):
        if path == "docs/roadmap.md" or path.endswith(".md"):
            continue
        for number, line in lines_of(text):
            match = UNFINISHED.search(line)
            if match and (not match.group(2) or match.group(2).strip(" */#.") not in roadmap):
                yield f"{path}:{number}: {match.group(1)} without a line in docs/roadmap.md"
