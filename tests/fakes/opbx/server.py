"""The sockets: OPBX's port, which can go down, and the tests' port, which stays."""

import http.server
import socket
import threading
import urllib.parse

from .book import Book, now_ms
from .control import Control
from .lifecycle import Lifecycle
from .redis_client import Redis
from .reply import DROP, Invalid, Reply
from .switches import Switches
from .user_api import UserApi
from .webhooks import Webhooks
from .worker_api import WorkerApi
from .worker_side import WorkerSide


class Request:
    def __init__(self, handler, body):
        url = urllib.parse.urlsplit(handler.path)
        self.method = handler.command
        self.path = url.path
        self.query = dict(urllib.parse.parse_qsl(url.query))
        self.headers = handler.headers
        self.body = body
        self.address = handler.client_address[0]
        self.route = self.path


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = Request(self, body)
        try:
            reply = self.server.answer(request)
        except Invalid as error:
            reply = error.reply()
        except Exception as error:  # pylint: disable=broad-except
            self.log_error("%s %s: %r", request.method, request.path, error)
            reply = Reply(500, {"message": "Server Error"})
        self.server.after(request, reply)
        if reply is DROP:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.kind)
        self.send_header("Content-Length", str(len(reply.body)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = answer

    def log_message(self, *_):
        """Requests are in the book."""


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, port, answer, after):
        self.answer = answer
        self.after = after
        self.open = set()
        self.open_lock = threading.Lock()
        super().__init__(("127.0.0.1", port), Handler)

    def process_request(self, request, client_address):
        with self.open_lock:
            self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        with self.open_lock:
            self.open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request, client_address):
        """A client that went away is no error of ours."""

    def cut(self):
        """Every connection ends, in the middle of whatever it is doing."""
        with self.open_lock:
            for connection in self.open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass


class World:
    """All of it, on the loopback."""

    def __init__(self, options):
        self.book = Book(options.database)
        self.switches = Switches(self.book, options.seed)
        self.switches.change(options.switches)
        self.redis = Redis(options.redis) if options.redis else None
        self.cloudonix = {
            "cloudonix_api_url": options.cloudonix, "cloudonix_domain": options.domain,
            "cloudonix_api_key": options.api_key,
        }
        if options.worker:
            self.book.keep("worker_url", options.worker)
        self.lifecycle = Lifecycle(self.book, self.switches, self.redis)
        self.worker = WorkerSide(self.book, self.switches, lambda: self.book.kept("worker_url"), options.secret)
        base_url = lambda: f"http://127.0.0.1:{self.port}"
        tokens = [options.token, options.second_token]
        self.parts = [
            WorkerApi(self.book, self.switches, self.lifecycle, base_url, tokens),
            Webhooks(self.book, self.switches, self.redis, self.worker),
            UserApi(self.book, self.switches, self.lifecycle, options.user_token),
        ]
        self.port = options.port
        self.server = None
        self.up_lock = threading.RLock()
        self.timer = None
        self.up()
        control = Control(self)
        self.control = Server(options.control_port, control.handle, lambda request, reply: None)
        threading.Thread(target=self.control.serve_forever, daemon=True, args=(0.05,)).start()
        self.worker.start()

    def answer(self, request):
        for part in self.parts:
            reply = part.handle(request)
            if reply is not NotImplemented:
                return reply
        return Reply(404, {"message": "The route could not be found."})

    def record(self, request, reply):
        body = request.body.decode(errors="replace") if request.route.startswith("R") else ""
        status = reply.status if reply is not DROP else 0
        self.book.insert("request", route=request.route, status=status, body=body, at_ms=now_ms())

    def up(self):
        with self.up_lock:
            if self.server is None:
                self.server = Server(self.port, self.answer, self.record)
                self.port = self.server.server_address[1]
                threading.Thread(target=self.server.serve_forever, daemon=True, args=(0.02,)).start()
        return {"port": self.port}

    def down(self, seconds=None):
        """Connections are refused from now on, and open ones end; up again by itself after so many seconds."""
        with self.up_lock:
            if self.server is not None:
                self.server.shutdown()
                self.server.socket.close()
                self.server.cut()
                self.server = None
        if seconds:
            self.timer = threading.Timer(seconds, self.up)
            self.timer.daemon = True
            self.timer.start()
        return {}
