"""A Redis of Debian's package, on a port of its own, for as long as a test wants it."""

import ctypes
import signal
import socket
import subprocess

from .redis_client import Connection, RedisError
from .waiting import wait


def die_with_parent():
    death_signal = 1  # PR_SET_PDEATHSIG
    ctypes.CDLL(None).prctl(death_signal, signal.SIGTERM)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class RedisServer:
    """Keeps nothing on disk: after a kill its counters are gone, which is the worst that happens to a real one."""

    def __init__(self, folder, password=""):
        self.folder = folder
        self.password = password
        self.port = 0
        self.process = None
        for _ in range(5):  # another program may take the port first
            self.port = free_port()
            if self.start():
                return
        raise RuntimeError("redis-server does not start")

    @property
    def url(self):
        secret = f":{self.password}@" if self.password else ""
        return f"redis://{secret}127.0.0.1:{self.port}/0"

    def start(self):
        """False when it ended at once. At the port that it had before."""
        words = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
                 "--dir", str(self.folder), "--daemonize", "no", "--loglevel", "warning"]
        if self.password:
            words += ["--requirepass", self.password]
        self.process = subprocess.Popen(
            words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=die_with_parent
        )
        for _ in range(3000):
            if self.process.poll() is not None:
                return False
            try:
                Connection(self.url).close()
                return True
            except RedisError:
                wait(0.02)
        return False

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()
