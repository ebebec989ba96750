"""As much of Redis's protocol as the fake and its tests need."""

import socket
import threading
import urllib.parse


class RedisError(Exception):
    """Redis answered with an error, or not at all."""


class Connection:
    """One connection; not for several threads. Every failure is a RedisError and ends it."""

    def __init__(self, url, timeout=10):
        parts = urllib.parse.urlsplit(url)
        try:
            self.socket = socket.create_connection((parts.hostname, parts.port or 6379), timeout=timeout)
        except OSError as error:
            raise RedisError(f"no connection: {error}") from error
        self.reader = self.socket.makefile("rb")
        if parts.password:
            self.call("AUTH", urllib.parse.unquote(parts.password))
        if parts.path.strip("/"):
            self.call("SELECT", parts.path.strip("/"))

    def send(self, *words):
        parts = [b"*%d\r\n" % len(words)]
        for word in words:
            word = word if isinstance(word, bytes) else str(word).encode()
            parts.append(b"$%d\r\n%s\r\n" % (len(word), word))
        try:
            self.socket.sendall(b"".join(parts))
        except OSError as error:
            raise RedisError(f"not sent: {error}") from error

    def call(self, *words):
        self.send(*words)
        return self.read()

    def line(self):
        try:
            line = self.reader.readline()
        except OSError as error:
            raise RedisError(f"no answer: {error}") from error
        if not line.endswith(b"\r\n"):
            raise RedisError("the connection ended")
        return line[:-2]

    def read(self):
        line = self.line()
        kind, rest = line[:1], line[1:]
        if kind == b"-":
            raise RedisError(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == b"-1" else self.exactly(int(rest)).decode()
        if kind == b"*":
            return None if rest == b"-1" else [self.read() for _ in range(int(rest))]
        return rest.decode()

    def exactly(self, count):
        data = self.reader.read(count + 2)
        if len(data) != count + 2:
            raise RedisError("the connection ended")
        return data[:-2]

    def close(self):
        self.reader.close()
        self.socket.close()


class Redis:
    """For several threads; a connection that ended is made anew at the next call."""

    def __init__(self, url):
        self.url = url
        self.lock = threading.Lock()
        self.connection = None

    def call(self, *words):
        with self.lock:
            for is_last in (False, True):
                fresh = self.connection is None
                try:
                    self.connection = self.connection or Connection(self.url)
                    return self.connection.call(*words)
                except RedisError:
                    self.drop()
                    if is_last or fresh:
                        raise
        return None

    def drop(self):
        if self.connection:
            self.connection.close()
        self.connection = None
