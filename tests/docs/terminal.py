"""A newcomer's terminals: shells of their own, in which the fences of one page are typed."""
import os
import pathlib
import pty
import signal
import subprocess
import threading
import time
import tty

PATIENCE = 90           # seconds for one fence


class Failed(AssertionError):
    pass


class Terminal:
    """One bash. It sources each fence as a file, so that cd and export have their effect on the next. What the fences
    print goes to a terminal, since tables are for those; each ends with a NUL there."""

    def __init__(self, name, newcomer, folder):
        self.name = name
        self.newcomer = newcomer
        self.fences = 0
        self.screen, other_side = pty.openpty()
        tty.setraw(other_side)              # else each line would end with a carriage return, too
        self.process = subprocess.Popen(
            [*newcomer.as_user, "bash", "--norc", "--noprofile"], stdin=subprocess.PIPE, stdout=other_side,
            stderr=other_side, cwd=folder, env=newcomer.environment, text=True, start_new_session=True)
        os.close(other_side)
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self):
        """Writes what is printed to the file of the fence that prints it, until nobody can print any more."""
        fence = 1
        while True:
            try:
                read = os.read(self.screen, 1 << 16)
            except OSError:                 # EIO: the other side is closed
                break
            for at, part in enumerate(read.split(b"\0")):
                fence += at > 0
                with open(self._file(fence, ".out"), "ab") as out:
                    out.write(part)
                if at < read.count(b"\0"):
                    self._file(fence, ".ended").touch()
        os.close(self.screen)

    def _file(self, fence, end):
        return self.newcomer.notes / ("%s-%d%s" % (self.name, fence, end))

    @property
    def folder(self):
        return pathlib.Path(os.readlink("/proc/%d/cwd" % self.process.pid))

    def type(self, text):
        """Begins a fence; answers the files of what it prints, how it has ended, and which commands failed."""
        self.fences += 1
        script, out, status, failed = (self._file(self.fences, end) for end in (".sh", ".out", ".status", ".failed"))
        script.write_text(text, encoding="utf-8")
        out.touch()
        failed.touch()
        self.newcomer.own(failed)
        self.process.stdin.write(
            "trap 'echo \"$BASH_COMMAND\" >>%(failed)s' ERR; . %(script)s </dev/null; echo $? >%(status)s; printf '\\0'\n"
            % {"failed": failed, "script": script, "status": status})
        self.process.stdin.flush()
        return out, status, failed

    def has_ended(self):
        return self._file(self.fences, ".ended").exists()

    def close(self):
        """Ends the shell and what still runs in its session: the processes that this terminal started."""
        for number, patience in ((signal.SIGTERM, 20), (signal.SIGKILL, 20)):
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                break
            until = time.monotonic() + patience
            while time.monotonic() < until and self._alive():
                time.sleep(0.02)
            if not self._alive():
                break
        self.process.stdin.close()
        self.process.wait(20)
        self.reader.join(20)

    def _alive(self):
        self.process.poll()
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return False
        return True


class Newcomer:
    """Somebody with an empty home, a clone whose build is done, and nothing else. Root lends the user postgres' name,
    so that nothing touches the server of a developer who is root; others get a home of their own."""

    def __init__(self, folder, environment):
        self.top = pathlib.Path(folder)
        self.notes = self.top / "notes"
        self.home = self.top / "home"
        self.notes.mkdir()
        self.home.mkdir()
        self.as_user = []
        if os.geteuid() == 0:
            self.as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR")}
        self.environment = {**kept, "HOME": str(self.home), "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1", **environment}
        self.terminals = {}
        self.own(self.top, self.notes, self.home)

    def own(self, *paths):
        if os.geteuid() == 0:
            import pwd
            user = pwd.getpwnam("postgres")
            for path in paths:
                os.chown(path, user.pw_uid, user.pw_gid)

    def terminal(self, name):
        if name not in self.terminals:
            self.terminals[name] = Terminal(name, self, self.home)
        return self.terminals[name]

    def write(self, fence):
        path = self.terminal(fence.options.get("terminal", "main")).folder / fence.options["file"]
        path.write_text(fence.text, encoding="utf-8")
        self.own(path)

    def run(self, fence):
        """Types the commands and waits for their end; answers what they printed."""
        terminal = self.terminal(fence.options.get("terminal", "main"))
        out, status, failed = terminal.type(fence.text)
        until = time.monotonic() + PATIENCE
        while not terminal.has_ended():
            if time.monotonic() > until:
                raise Failed("%s has not ended:\n%s" % (fence.place, out.read_text()))
            time.sleep(0.01)
        printed = out.read_text(encoding="utf-8")
        code, wanted = int(status.read_text()), int(fence.options.get("exit", "0"))
        if code != wanted or (wanted == 0 and failed.read_text()):
            raise Failed("%s: exit %d, failed: %s\n%s" % (fence.place, code, failed.read_text().strip(), printed))
        return printed

    def begin(self, fence, expected, matches):
        """Types commands of which the last goes on, and waits until they have printed what is expected."""
        terminal = self.terminal(fence.options.get("terminal", "main"))
        out, _, _ = terminal.type(fence.text)
        until = time.monotonic() + PATIENCE
        while not matches(expected, out.read_text(encoding="utf-8")):
            if terminal.has_ended() or time.monotonic() > until:
                raise Failed("%s has %s:\n%s\ninstead of\n%s" % (
                    fence.place, "ended" if terminal.has_ended() else "printed", out.read_text(), expected))
            time.sleep(0.01)

    def leave(self):
        for terminal in reversed(list(self.terminals.values())):
            terminal.close()
