"""The program ``python -m modules.endpoint``: check a package and serve it.

Exit status: 0 stopped, 1 the package can't be served, 2 wrong arguments, 3 the port is in use,
4 the earlier process doesn't hand over its socket.
"""

from __future__ import annotations

import argparse
import errno
import gc
import logging
import signal
import sys
import time
from collections.abc import Collection
from contextlib import ExitStack, suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING

from modules.contract.errors import ModuleError, reason_of
from modules.contract.secrets import masked, withhold_environment
from modules.endpoint.application import Application, Identity, Limits
from modules.endpoint.challenger import Challenger
from modules.endpoint.exit_status import NOT_HANDED_OVER, PORT_TAKEN
from modules.endpoint.hosts import Hosts, is_loopback, names_from_environment
from modules.endpoint.keys import Keys, keys_from_environment, keys_from_file
from modules.endpoint.listening import BACKLOG, Giver, Taker, allow_connections, listen
from modules.endpoint.memory import separate_large_blocks
from modules.endpoint.package import MODEL, OPENAPI, SWAGGER, verify
from modules.endpoint.protocol import Connections, protocol_class
from modules.endpoint.recorder import Recorder
from modules.endpoint.service import Service
from modules.runtime.masked_output import masked_output
from modules.scoring import ALLOWABLE

if TYPE_CHECKING:
    from socket import socket

    import uvicorn

PORT = 5001

_log = logging.getLogger("modules.endpoint")


def main(arguments: list[str] | None = None) -> int:
    """Run the program and return its exit status."""
    options = _parser().parse_args(arguments)
    withhold_environment()
    with masked_output():
        return _run(options)


def _run(options: argparse.Namespace) -> int:
    started = time.perf_counter()
    _start_log(options.log)
    separate_large_blocks()
    try:
        keys = _keys(options)
        service = load_package(options.package, allowed=options.allow)
        if options.check:
            return 0
    except ModuleError as error:
        return _fail(error)
    loopback = is_loopback(options.host)
    taker = None
    try:
        if options.take_over:
            taker = Taker(_meeting_point(options.handover, options.take_over))
        listener = taker.listener if taker else listen(options.host, options.port)
    except OSError as error:
        if options.take_over:
            _print(f"The earlier process doesn't hand over its socket: {error}.")
            return NOT_HANDED_OVER
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
    _serve(options, service, keys, listener, taker, started)
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


def _serve(
    options: argparse.Namespace,
    service: Service,
    keys: Keys,
    listener: socket,
    taker: Taker | None,
    started: float,
) -> None:
    limits = Limits(
        body=int(options.largest_body * 1_000_000),
        bodies=max(256_000_000, int(options.largest_body * 1_000_000)),
        seconds=options.patience,
        connections=options.connections,
    )
    connections = Connections(allow_connections(2 * limits.connections))
    if options.record:
        service.recorder = Recorder(
            options.record_folder,
            options.record,
            options.keep_days,
            options.leave_out,
            service.scorer.inputs,
            options.package_version,
        )
    application = Application(
        service,
        keys,
        identity=Identity(options.name, options.package_version, options.instance),
        limits=limits,
        documents=_documents(options.package),
        open_documents=is_loopback(options.host),
        hosts=Hosts(options.host, [*names_from_environment(), *options.allow_host]),
        challenger=Challenger(options.challenger) if options.challenger else None,
    )
    server = _server(application, connections, limits)
    way = "compiled" if service.compiled else "with tables"
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    seconds = time.perf_counter() - started
    _log.info("Ready at http://%s:%d, %s, after %.2f s.", shown, port, way, seconds)
    # Loaded objects are permanent: exclude them from garbage collection.
    gc.collect()
    gc.freeze()

    def hand_over() -> None:
        connections.handed_over = True
        server.should_exit = True

    with ExitStack() as stack:
        if service.recorder is not None:
            stack.callback(service.recorder.close)
        stack.callback(listener.close)
        if taker is not None:
            taker.finish()
        if options.handover:
            path = _meeting_point(options.handover, options.instance)
            stack.callback(Giver(path, listener, hand_over).close)
        # Otherwise the signal would end the program before it has cleaned up.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit())
        with suppress(KeyboardInterrupt, SystemExit):
            server.run(sockets=[listener])
        _log.info("Stopped after %d requests.", application.metrics.to_json()["requests"])


def _server(application: Application, connections: Connections, limits: Limits) -> uvicorn.Server:
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
            http=protocol_class(connections, seconds=limits.seconds),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            backlog=BACKLOG,
            timeout_keep_alive=65,
            timeout_graceful_shutdown=10,
        )
    )


def _meeting_point(folder: Path, instance: str) -> Path:
    return folder / f"{instance}.sock"


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


def _start_log(path: Path | None) -> None:
    handler: logging.Handler = logging.StreamHandler()
    if path is not None:
        handler = RotatingFileHandler(
            path, maxBytes=5_000_000, backupCount=3, encoding="utf-8", errors="backslashreplace"
        )
    handler.setFormatter(_MaskedFormatter("%(asctime)s %(levelname)s %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    _log.setLevel(logging.INFO)


class _MaskedFormatter(logging.Formatter):
    """Masks the secrets of steps, in tracebacks too."""

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


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
    parser.add_argument("--connections", type=int, default=512, help="maximum requests in progress")
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="another name that the endpoint is called by, as behind a reverse proxy; can be "
        "repeated",
    )
    parser.add_argument("--handover", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--take-over", default="", help=argparse.SUPPRESS)
    parser.add_argument("--challenger", type=Path, help=argparse.SUPPRESS)
    parser.add_argument(
        "--allow",
        action="append",
        choices=list(ALLOWABLE),
        default=[],
        help="allow the package to run custom code, or to read or write outside of it; can be "
        "repeated",
    )
    parser.add_argument(
        "--record",
        type=_share,
        default=0.0,
        metavar="SHARE",
        help="share of the requests to record with their scores, from 0 to 1; default: 0",
    )
    parser.add_argument(
        "--record-folder",
        type=Path,
        default=Path("records"),
        metavar="FOLDER",
        help="folder for the recorded requests",
    )
    parser.add_argument(
        "--keep-days", type=int, default=30, metavar="N", help="days to keep recorded requests"
    )
    parser.add_argument(
        "--leave-out",
        action="append",
        default=[],
        metavar="COLUMN",
        help="column that isn't recorded; can be repeated",
    )
    parser.add_argument("--check", action="store_true", help="check the package and exit")
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise ValueError
    return port


def _share(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 1:
        raise ValueError
    return number


def _positive(text: str) -> float:
    number = float(text)
    if not number > 0:
        raise ValueError
    return number
