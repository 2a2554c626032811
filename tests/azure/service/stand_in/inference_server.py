"""What answers behind a deployed web service: calls ``init()`` and ``run()`` as Azure does.

``inference_server.py ENTRY_SCRIPT PORT_FILE``: the entry script gets the text of each request,
and what it returns is the answer. Azure's own server is not used; nothing of it is copied.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


def main(entry_script: str, port_file: str) -> None:
    """Load the entry script, initialise it and serve until the process is ended."""
    sys.path.insert(0, str(Path(entry_script).parent))
    specification = importlib.util.spec_from_file_location("entry_script", entry_script)
    assert specification is not None
    assert specification.loader is not None
    entry: Any = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(entry)
    entry.init()
    print("The entry script is ready.", flush=True)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, text: str, *values: Any) -> None:
            print(text % values, flush=True)

        def do_GET(self) -> None:
            self._send(200, b"Healthy")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                self._send(200, json.dumps(entry.run(body.decode())).encode())
            except Exception as error:
                print(repr(error), flush=True)
                self._send(502, b"The entry script failed.")

        def _send(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    ready = Path(f"{port_file}.new")
    ready.write_text(str(server.server_address[1]))
    os.replace(ready, port_file)
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
