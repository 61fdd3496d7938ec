"""A newcomer's terminals: shells of their own, in which the fences of one page are typed."""
import os
import pathlib
import signal
import subprocess
import time

PATIENCE = 90           # seconds for one fence


class Failed(AssertionError):
    pass


class Terminal:
    """One bash. It sources each fence as a file, so that cd and export have their effect on the next."""

    def __init__(self, name, newcomer, folder):
        self.name = name
        self.newcomer = newcomer
        self.fences = 0
        self.process = subprocess.Popen(
            [*newcomer.as_user, "bash", "--norc", "--noprofile"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, cwd=folder, env=newcomer.environment, text=True, start_new_session=True)

    @property
    def folder(self):
        return pathlib.Path(os.readlink("/proc/%d/cwd" % self.process.pid))

    def type(self, text):
        """Begins a fence; answers the files of what it prints, how it ends, and which commands failed."""
        self.fences += 1
        base = self.newcomer.notes / ("%s-%d" % (self.name, self.fences))
        script, out, status, failed = (base.with_suffix(end) for end in (".sh", ".out", ".status", ".failed"))
        script.write_text(text, encoding="utf-8")
        out.touch()
        failed.touch()
        self.newcomer.own(out, failed)
        self.process.stdin.write(
            "trap 'echo \"$BASH_COMMAND\" >>%(failed)s' ERR; . %(script)s </dev/null >%(out)s 2>&1; "
            "echo $? >%(status)s.new; mv %(status)s.new %(status)s\n"
            % {"failed": failed, "script": script, "out": out, "status": status})
        self.process.stdin.flush()
        return out, status, failed

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
        out, status, failed = self.terminal(fence.options.get("terminal", "main")).type(fence.text)
        until = time.monotonic() + PATIENCE
        while not status.exists():
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
        out, status, _ = self.terminal(fence.options.get("terminal", "main")).type(fence.text)
        until = time.monotonic() + PATIENCE
        while not matches(expected, out.read_text(encoding="utf-8")):
            if status.exists() or time.monotonic() > until:
                raise Failed("%s has %s:\n%s\ninstead of\n%s" % (
                    fence.place, "ended" if status.exists() else "printed", out.read_text(), expected))
            time.sleep(0.01)

    def leave(self):
        for terminal in reversed(list(self.terminals.values())):
            terminal.close()
