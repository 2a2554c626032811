"""The door of the stand-in: a proxy on loopback that answers for every host itself.

A client that is told ``HTTPS_PROXY`` asks it to connect to a host. It never does:
it plays the host, with a certificate of its own authority.
"""

from __future__ import annotations

import json
import threading
import traceback
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from stand_in.certificates import Authority
from stand_in.routing import Answer, Request, ServiceError


class Door:
    """Listens on 127.0.0.1 and hands every request to a function."""

    def __init__(self, folder: Path, answer: Callable[[Request], Any]) -> None:
        self.authority = Authority(folder)
        self.answer = answer
        self.requests: list[Request] = []
        self.peers: set[str] = set()
        self.unknown: list[str] = []
        self.failures: list[str] = []
        door = self

        class Handler(_Handler):
            owner = door

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop to listen."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up."""


class _Handler(BaseHTTPRequestHandler):
    owner: Door
    protocol_version = "HTTP/1.1"
    # Headers and body in one packet; else every answer waits for an acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True
    host = ""

    def log_message(self, *_: Any) -> None:
        """Keep the tests' output free of requests."""

    def do_CONNECT(self) -> None:
        self.owner.peers.add(self.client_address[0])
        self.host = self.path.rpartition(":")[0]
        self.send_response(200, "Connection established")
        self.end_headers()
        self.wfile.flush()
        context = self.owner.authority.context(self.host)
        self.connection = context.wrap_socket(self.connection, server_side=True)
        self.request = self.connection
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb")
        self.close_connection = False

    def _do(self) -> None:
        self.owner.peers.add(self.client_address[0])
        length = self.headers.get("Content-Length")
        if length is not None:
            body = self.rfile.read(int(length))
        elif self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            body = self._read_chunks()
        else:
            body = b""
        parts = urlsplit(self.path)
        request = Request(
            self.command,
            self.host or parts.netloc or self.headers.get("Host", ""),
            unquote(parts.path).replace("//", "/"),
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
            body,
        )
        self.owner.requests.append(request)
        try:
            answer = self.owner.answer(request)
        except ServiceError as error:
            answer = Answer(error.content, error.status)
        except Exception:
            self.owner.failures.append(f"{request.method} {request.path}\n{traceback.format_exc()}")
            content = {"error": {"code": "InternalError", "message": "The stand-in failed."}}
            answer = Answer(content, 500)
        self._send(answer if isinstance(answer, Answer) else Answer(answer))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _do

    def _read_chunks(self) -> bytes:
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _send(self, answer: Answer) -> None:
        content = answer.content
        headers = dict(answer.headers)
        if isinstance(content, bytes):
            body = content
        elif content is None:
            body = b""
        else:
            body = json.dumps(content).encode()
            headers.setdefault("Content-Type", "application/json; charset=utf-8")
        self.send_response(answer.status)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Content-Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()
