"""A way to PostgreSQL that can be cut, also in the middle of what is said on it, and that can stand still."""
import pathlib
import socket
import threading

CHUNK = 1 << 16
LOOP = b"application_name\x00pawl loop\x00"  # in the first words of a commit connection
COMMITTED = b"COMMIT\x00"  # how PostgreSQL tells that it has


class Proxy:
    """Listens on a socket of its own in `directory` for those that PostgreSQL, at `conninfo`, is meant for."""

    def __init__(self, conninfo, directory):
        parts = dict(part.split("=", 1) for part in conninfo.split())
        name = ".s.PGSQL." + parts.get("port", "5432")
        self.target = str(pathlib.Path(parts["host"]) / name)
        self.conninfo = conninfo.replace("host=" + parts["host"], "host=%s" % directory)
        self.lock = threading.Condition()
        self.pairs = set()
        self.standing = self.closed = False
        self.next_cut = None  # "question" or "answer": what of the next commit gets through by half, or not at all
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(pathlib.Path(directory) / name))
        self.listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            try:
                far.connect(self.target)
            except OSError:
                near.close()
                continue
            pair = _Pair(near, far)
            with self.lock:
                self.pairs.add(pair)
            for source, sink, is_answer in ((near, far, False), (far, near, True)):
                threading.Thread(target=self._carry, args=(pair, source, sink, is_answer), daemon=True).start()

    def _carry(self, pair, source, sink, is_answer):
        try:
            while True:
                data = source.recv(CHUNK)
                with self.lock:
                    self.lock.wait_for(lambda: not self.standing or self.closed)
                    data = self._changed(pair, data, is_answer)
                if not data:
                    break
                sink.sendall(data)
                if pair.cut:
                    break
        except OSError:
            pass
        self._end(pair)

    def _changed(self, pair, data, is_answer):
        if not is_answer and LOOP in data:
            pair.is_loop = True
        if not pair.is_loop or self.next_cut is None:
            return data
        if is_answer and self.next_cut == "answer" and COMMITTED in data:
            self.next_cut, pair.cut = None, True
            return b""
        if not is_answer and self.next_cut == "question" and len(data) > 1:
            self.next_cut, pair.cut = None, True
            return data[:len(data) // 2]
        return data

    def _end(self, pair):
        with self.lock:
            self.pairs.discard(pair)
        pair.end()

    def cut(self):
        """All connections at once."""
        with self.lock:
            pairs = list(self.pairs)
        for pair in pairs:
            pair.end()

    def cut_next(self, what):
        """The next connection of a loop that sends something, or that is told of a commit, in the middle of that."""
        with self.lock:
            self.next_cut = what

    def is_cut(self):
        with self.lock:
            return self.next_cut is None

    def stand(self, still):
        with self.lock:
            self.standing = still
            self.lock.notify_all()

    def close(self):
        self.listener.close()
        with self.lock:
            self.closed = True
            self.lock.notify_all()
        self.cut()


class _Pair:
    def __init__(self, near, far):
        self.near, self.far = near, far
        self.is_loop = self.cut = False

    def end(self):
        for end in (self.near, self.far):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()
