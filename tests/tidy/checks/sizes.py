"""How large things may be."""
import ast
import re

FILE_LINES = 500
FUNCTION_LINES = 100
README_LINES = 60

# Files that are longer, with the reason.
LONGER_FILES = {
    "LICENSE": "the text of the Apache License",
    "sdk/python/pawl.py": "users copy it as one file",
}
CODE = (".cc", ".h", ".py", ".sh", ".sql", ".cmake", ".yaml", ".md", "/run", "/dev", "CMakeLists.txt", "LICENSE")

CONTROL = re.compile(r"^(if|else|for|while|switch|do|try|catch|namespace|class|struct|enum|union|extern|return|case|"
                     r"default|requires|co_return)\b")
# Comments, raw strings, strings, and characters (but not the ' between digits), which may hold braces.
NOT_CODE = re.compile(r"""//[^\n]*|/\*.*?\*/|R"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'""",
                      re.S)


def rooms_have_a_readme(tree):
    for room in tree.rooms():
        path = f"src/{room}/README.md"
        if path not in tree.files:
            yield f"src/{room}: has no README.md"
        elif tree.text(path).count("\n") > README_LINES:
            yield f"{path}: is longer than {README_LINES} lines"


def files_are_small(tree):
    for path, text in tree.files.items():
        if f"/{path}".endswith(CODE) and text.count("\n") > FILE_LINES and path not in LONGER_FILES:
            yield f"{path}: has {text.count(chr(10))} lines, at most {FILE_LINES} without a reason in {__name__}"


def blank(match):
    return re.sub(r"[^\n]", " ", match.group(0))


def cpp_functions(text):
    """(line, lines, name) of each block that follows a parameter list."""
    code = NOT_CODE.sub(blank, text)
    opened = []
    header_from = 0
    for at, char in enumerate(code):
        if char in ";}":
            if char == "}" and opened:
                start, header = opened.pop()
                if header and ")" in header and not CONTROL.match(header):
                    line = text.count("\n", 0, start) + 1
                    yield line, text.count("\n", start, at) + 1, header.split("(")[0].split()[-1:]
            header_from = at + 1
        elif char == "{":
            header = re.sub(r"^\s*#[^\n]*", "", code[header_from:at], flags=re.M).strip()
            opened.append((at, header))
            header_from = at + 1


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, node.end_lineno - node.lineno + 1, [node.name]


def shell_functions(text):
    for match in re.finditer(r"^(\w+)\(\) \{\n(.*?)^\}", text, re.M | re.S):
        yield text.count("\n", 0, match.start()) + 1, match.group(0).count("\n") + 1, [match.group(1)]


def functions_of(path, text):
    first = text.split("\n", 1)[0]
    if path.endswith((".cc", ".h")):
        return cpp_functions(text)
    if path.endswith(".py") or "python" in first:
        return python_functions(text)
    if path.endswith(".sh") or (first.startswith("#!") and "sh" in first):
        return shell_functions(text)
    return []


def functions_are_small(tree):
    for path, text in tree.files.items():
        for line, length, name in functions_of(path, text):
            if length > FUNCTION_LINES:
                yield f"{path}:{line}: {' '.join(name)} has {length} lines, at most {FUNCTION_LINES}"
