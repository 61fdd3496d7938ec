"""clang-format, over all files at once."""
import os
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

from . import Skip

PROGRAM = "clang-format-19"
FILES_A_CALL = 20


def unformatted(root, paths):
    done = subprocess.run([PROGRAM, "--dry-run", "--Werror", *paths], cwd=root, text=True, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE)
    return re.findall(r"^(\S+?):\d+:\d+: error", done.stderr, re.M)


def clang_format_is_clean(tree):
    if tree.root is None or not shutil.which(PROGRAM):
        raise Skip(f"{PROGRAM} is not installed")
    paths = [path for path in tree.files if path.startswith(("src/", "tests/")) and path.endswith((".cc", ".h"))]
    groups = [paths[at:at + FILES_A_CALL] for at in range(0, len(paths), FILES_A_CALL)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for found in pool.map(lambda group: unformatted(tree.root, group), groups):
            for path in dict.fromkeys(found):
                yield f"{path}: is not formatted: {PROGRAM} -i {path}"
