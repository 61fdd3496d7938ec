"""A command with a terminal in front of it, as whoever types it has."""
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
import tty

from support.processes import PAWL

PATIENCE = 120
TOLD = 500                              # characters of what was seen that a failure repeats


def as_from_a_terminal():
    """Whoever runs tests in the background has Ctrl-C ignored, and its children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Screen:
    """One command on a pseudo-terminal of its own. `streams` are those that go there; the others go nowhere."""

    def __init__(self, *arguments, env=None, columns=100, streams=("stdout", "stderr"), term="xterm"):
        self.seen = b""
        self.master, slave = pty.openpty()
        tty.setraw(slave)
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
        environment.update(env or {}, TERM=term)
        self.process = subprocess.Popen([PAWL, *arguments], stdin=subprocess.DEVNULL, env=environment, preexec_fn=as_from_a_terminal,
                                        **{name: slave if name in streams else subprocess.DEVNULL for name in ("stdout", "stderr")})
        os.close(slave)

    @property
    def text(self):
        return self.seen.decode("utf-8", "replace")

    def see(self, seconds):
        """False when nobody can print any more."""
        if select.select([self.master], [], [], seconds)[0]:
            try:
                read = os.read(self.master, 1 << 16)
            except OSError:             # EIO: the other side is closed
                return False
            self.seen += read
            return bool(read)
        return True

    def until(self, condition, what):
        end = time.monotonic() + PATIENCE
        while not condition(self.text):
            if not self.see(0.1) and not condition(self.text) or time.monotonic() > end:
                raise AssertionError("%s was not seen, but at last:\n%s" % (what, self.text[-TOLD:]))
        return self.text

    def end(self):
        """Everything that it prints, and its exit code."""
        deadline = time.monotonic() + PATIENCE
        while self.see(0.1):
            if time.monotonic() > deadline:
                self.process.kill()
                raise AssertionError("no end, but at last:\n" + self.text[-TOLD:])
        code = self.process.wait(PATIENCE)
        os.close(self.master)
        return self.text, code

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)
