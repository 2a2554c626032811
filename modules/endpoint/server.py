"""The program ``python -m modules.endpoint``: check a package and serve it.

Exit status: 0 stopped, 1 the package can't be served, 2 wrong arguments, 3 the port is in use.
"""

from __future__ import annotations

import argparse
import errno
import gc
import ipaddress
import logging
import socket
import sys
import time
from collections.abc import Collection
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING

from modules.contract.errors import ModuleError, reason_of
from modules.endpoint.application import Application, Identity, Limits
from modules.endpoint.keys import Keys, keys_from_environment, keys_from_file
from modules.endpoint.package import MODEL, OPENAPI, SWAGGER, verify
from modules.endpoint.protocol import protocol_class
from modules.endpoint.service import Service
from modules.scoring import ALLOWABLE

if TYPE_CHECKING:
    import uvicorn

PORT = 5001
PORT_TAKEN = 3

_log = logging.getLogger("modules.endpoint")


def main(arguments: list[str] | None = None) -> int:
    """Run the program and return its exit status."""
    options = _parser().parse_args(arguments)
    started = time.perf_counter()
    _start_log(options.log)
    try:
        keys = _keys(options)
        service = load_package(options.package, allowed=options.allow)
        if options.check:
            return 0
    except ModuleError as error:
        return _fail(error)
    loopback = is_loopback(options.host)
    try:
        listener = _listen(options.host, options.port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            _print(f"Port {options.port} is in use.")
            return PORT_TAKEN
        _print(f"The endpoint can't listen on {options.host}:{options.port}: {error.strerror}.")
        return 2
    if not loopback:
        _print(
            f"Warning: the endpoint listens on {options.host}, so other computers can reach it. "
            "Keys and data aren't encrypted: use a reverse proxy with TLS."
        )
    _serve(options, service, keys, listener, started)
    return 0


def load_package(folder: Path, *, allowed: Collection[str] = ()) -> Service:
    """Check a package, load it, and score one of its example rows.

    Parameters
    ----------
    allowed : collection of str
        Effects that it may have; see :data:`modules.scoring.ALLOWABLE`.

    Raises
    ------
    ModuleError
        If it is damaged, contains untrusted types, has another effect, or can't score.
    """
    folder = folder.absolute()
    if not folder.is_dir():
        raise ModuleError("not-a-package", f"Folder “{folder}” doesn't exist.")
    verify(folder)
    try:
        service = Service(folder / MODEL, allowed)
        service.warm_up()
    except ModuleError:
        raise
    except Exception as error:
        # The content of a package from any author can raise anything.
        raise ModuleError(
            "package-damaged",
            f"The scoring package can't be loaded: {reason_of(error)}.",
            "Create the scoring package again.",
        ) from error
    return service


def is_loopback(host: str) -> bool:
    """Return whether only programs on this computer can reach an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _serve(
    options: argparse.Namespace,
    service: Service,
    keys: Keys,
    listener: socket.socket,
    started: float,
) -> None:
    limits = Limits(
        body=int(options.largest_body * 1_000_000),
        bodies=max(256_000_000, int(options.largest_body * 1_000_000)),
        seconds=options.patience,
        connections=options.connections,
    )
    servers: list[uvicorn.Server] = []
    application = Application(
        service,
        keys,
        identity=Identity(options.name, options.package_version, options.instance),
        limits=limits,
        documents=_documents(options.package),
        open_documents=is_loopback(options.host),
        count_connections=lambda: len(servers[0].server_state.connections),
    )
    server = _server(application, limits)
    servers.append(server)
    way = "compiled" if service.compiled else "with tables"
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    seconds = time.perf_counter() - started
    _log.info("Ready at http://%s:%d, %s, after %.2f s.", shown, port, way, seconds)
    # Loaded objects are permanent: exclude them from garbage collection.
    gc.collect()
    gc.freeze()
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        pass
    finally:
        listener.close()
        _log.info("Stopped after %d requests.", application.metrics.to_json()["requests"])


def _server(application: Application, limits: Limits) -> uvicorn.Server:
    import uvicorn

    class Server(uvicorn.Server):
        """Logs one line per minute, if there were requests."""

        _logged = 0

        async def on_tick(self, counter: int) -> bool:
            if counter % 600 == 599:
                found = application.metrics.to_json()
                if found["requests"] != self._logged:
                    self._logged = found["requests"]
                    _log.info(
                        "%d requests, %d errors, p50 %s ms, p99 %s ms.",
                        found["requests"],
                        found["errors"],
                        found["latency_ms"]["p50"],
                        found["latency_ms"]["p99"],
                    )
            return await super().on_tick(counter)

    return Server(
        uvicorn.Config(
            application,
            http=protocol_class(seconds=limits.seconds, connections=2 * limits.connections),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            backlog=512,
            timeout_keep_alive=65,
            timeout_graceful_shutdown=10,
        )
    )


def _documents(package: Path) -> dict[str, bytes]:
    files = {f"/{name}": package / name for name in (OPENAPI, SWAGGER)}
    return {address: path.read_bytes() for address, path in files.items() if path.is_file()}


def _keys(options: argparse.Namespace) -> Keys:
    if options.key_file:
        return keys_from_file(options.key_file)
    keys = keys_from_environment()
    if not keys and not options.no_key and not options.check:
        raise ModuleError(
            "no-key-file",
            "The endpoint doesn't have a key.",
            "Use --key-file, set MODELDESK_ENDPOINT_KEY, or allow all requests with --no-key.",
        )
    return keys


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":
            # On Windows it would let two programs listen at the same time.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(512)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


def _start_log(path: Path | None) -> None:
    handler: logging.Handler = logging.StreamHandler()
    if path is not None:
        handler = RotatingFileHandler(path, maxBytes=5_000_000, backupCount=3, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    _log.setLevel(logging.INFO)


def _fail(error: ModuleError) -> int:
    _print(f"{error.message} {error.hint}".strip())
    return 1


def _print(text: str) -> None:
    _log.warning("%s", text)
    if not any(type(h) is logging.StreamHandler for h in logging.getLogger().handlers):
        print(text, file=sys.stderr, flush=True)  # noqa: T201


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m modules.endpoint", description="Serve a scoring package."
    )
    parser.add_argument("package", type=Path, help="package folder")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument(
        "--port", type=_port, default=PORT, help="port to listen on; 0 for any free port"
    )
    parser.add_argument("--key-file", type=Path, help="JSON file with primary and secondary key")
    parser.add_argument("--no-key", action="store_true", help="accept requests without a key")
    parser.add_argument("--name", default="endpoint", help="name of the endpoint")
    parser.add_argument("--package-version", default="", help="version of the package")
    parser.add_argument("--instance", default="", help=argparse.SUPPRESS)
    parser.add_argument("--log", type=Path, help="log file")
    parser.add_argument(
        "--largest-body", type=_positive, default=32, metavar="MB", help="maximum size of a request"
    )
    parser.add_argument(
        "--patience",
        type=_positive,
        default=30,
        metavar="S",
        help="timeout for receiving a request",
    )
    parser.add_argument("--connections", type=int, default=512, help="maximum open connections")
    parser.add_argument(
        "--allow",
        action="append",
        choices=list(ALLOWABLE),
        default=[],
        help="allow the package to run custom code, or to read or write outside of it; can be "
        "repeated",
    )
    parser.add_argument("--check", action="store_true", help="check the package and exit")
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise ValueError
    return port


def _positive(text: str) -> float:
    number = float(text)
    if not number > 0:
        raise ValueError
    return number
