"""The files that the checks look at: the repository's, or a few planted ones."""
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Tree:
    """`files` maps paths, relative to the root, to their text."""

    def __init__(self, files, root=None):
        self.files = files
        self.root = root  # None for planted files, which are not on disk

    @staticmethod
    def of_repository():
        listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                                check=True, stdout=subprocess.PIPE, text=True).stdout
        files = {}
        for path in sorted(set(filter(None, listed.split("\0")))):
            try:
                files[path] = (ROOT / path).read_text(encoding="utf-8")
            except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
                continue  # not text, or deleted and not yet committed
        return Tree(files, ROOT)

    def matching(self, *endings, under=""):
        """(path, text) of each file with such an ending in a folder."""
        return [(path, text) for path, text in self.files.items() if path.startswith(under) and path.endswith(endings)]

    def text(self, path):
        """The file's text, empty when there is none."""
        return self.files.get(path, "")

    def rooms(self):
        return sorted({path.split("/")[1] for path in self.files if path.startswith("src/") and path.count("/") >= 2})


def lines_of(text):
    return enumerate(text.splitlines(), start=1)
