"""``python -m designer.app.background.program``: submits a pipeline to Azure ML for the window.

Azure's SDKs are imported here and never in the window's process. See
:mod:`designer.app.background.wire` for what is read and written.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from designer.app.background.wire import event_to_json

if TYPE_CHECKING:
    from designer.azure.runs.submission import Connection, RemoteRunHandle, SubmissionTarget


def main() -> int:
    """Do what the first line of the standard input asks for."""
    speaker = Speaker(_own_output())
    first = sys.stdin.readline()
    if not first.strip():
        return 0
    request = json.loads(first)
    job = Job(request, speaker)
    threading.Thread(target=job.listen, args=(sys.stdin,), daemon=True).start()
    return job.work()


class Speaker:
    """Writes lines, from any thread."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def tell(self, message: Mapping[str, Any]) -> None:
        """Write a message; one that nobody reads any more is dropped."""
        with self._lock:
            try:
                self._stream.write(json.dumps(message, default=str) + "\n")
                self._stream.flush()
            except (OSError, ValueError):
                return

    def say(self, text: str) -> None:
        """Tell the person something."""
        self.tell({"say": text})


class Job:
    """One request."""

    def __init__(self, request: Mapping[str, Any], speaker: Speaker) -> None:
        self._request = request
        self._speaker = speaker
        self._handle: RemoteRunHandle | None = None
        self._submitting = False
        self._wish = ""
        self._lock = threading.Lock()

    def work(self) -> int:
        """Do it; the exit status."""
        from designer.azure.errors import AzureError
        from designer.packaging.errors import PackagingError

        try:
            if self._request["do"] == "computes":
                self._computes()
            elif self._request["do"] == "publish":
                self._publish()
            elif self._request["do"] == "follow":
                self._tell_of(self._follow())
            else:
                self._tell_of(self._submit())
        except PackagingError as error:
            first = error.problems[0]
            more = len(error.problems) - 1
            hint = first.hint + (f" (and {more} more)" if more else "")
            self._fail(first.message, hint, node=first.node)
            return 2
        except AzureError as error:
            self._fail(error.message, error.hint)
            return 2
        except Exception as error:
            # Its text may hold what must not be shown; its kind tells enough to ask about.
            self._fail(
                f"Submitting failed ({type(error).__name__}).",
                "“designer submit” in a terminal may say more.",
            )
            return 1
        return 0

    def listen(self, lines: TextIO) -> None:
        """Take wishes until nobody is there any more."""
        for line in lines:
            if '"cancel"' in line:
                self._take("cancel")
        self._take("leave")

    def _take(self, wish: str) -> None:
        with self._lock:
            self._wish = self._wish or wish
            handle, submitting = self._handle, self._submitting
        if handle is not None:
            handle.cancel() if wish == "cancel" else handle.leave()
        elif not submitting:
            # Nothing has been sent: it can end in the middle of signing in.
            if wish == "cancel" and self._request["do"] == "follow":
                self._fail("The run is not followed; it goes on at Azure ML.", "")
            elif wish == "cancel":
                self._speaker.tell({"result": None})
            os._exit(0)

    def _computes(self) -> None:
        from designer.azure.runs.submission import connect

        connection = connect(_destination(self._request), say=self._speaker.say)
        self._speaker.tell({"computes": connection.computes()})

    def _publish(self) -> None:
        from designer.azure.publish.publishing import publish, told
        from designer.azure.publish.schedule import Schedule
        from designer.catalog import load_catalog
        from designer.pipeline.file import loads
        from designer.workspace import Workspace

        request = self._request
        workspace = Workspace(Path(request["workspace"]))
        destination = _destination(request)
        made = publish(
            loads(request["pipeline"]),
            load_catalog(workspace.own_modules),
            base=Path(request["base"]),
            workspace=workspace,
            destination=destination,
            endpoint=request["endpoint"],
            when=Schedule(**request["when"]) if request.get("when") else None,
            parameters=request.get("parameters") or {},
            name=request["name"],
            connection=_Later(destination, self._speaker, self._on_submit),
            say=self._speaker.say,
        )
        self._speaker.tell({"made": made, "told": told(made)})

    def _follow(self) -> RemoteRunHandle:
        from designer.azure.runs.submission import attach
        from designer.workspace import Workspace

        request = self._request
        return attach(
            Workspace(Path(request["workspace"])),
            request["run"],
            on_event=lambda event: self._speaker.tell(event_to_json(event)),
            say=self._speaker.say,
            poll=float(request.get("poll", 5.0)),
        )

    def _submit(self) -> RemoteRunHandle:
        from designer.azure.runs.submission import start
        from designer.catalog import load_catalog
        from designer.pipeline.file import loads
        from designer.workspace import Workspace

        request = self._request
        workspace = Workspace(Path(request["workspace"]))
        destination = _destination(request)
        return start(
            loads(request["pipeline"]),
            load_catalog(workspace.own_modules),
            base=Path(request["base"]),
            workspace=workspace,
            destination=destination,
            connection=_Later(destination, self._speaker, self._on_submit),
            parameters=request.get("parameters") or {},
            name=request["name"],
            source=Path(request["source"]) if request.get("source") else None,
            on_event=lambda event: self._speaker.tell(event_to_json(event)),
            say=self._speaker.say,
            fetch=request.get("fetch", "all"),
            poll=float(request.get("poll", 5.0)),
        )

    def _tell_of(self, handle: RemoteRunHandle) -> None:
        """Tell where the run is, and at its end what came of it."""
        self._speaker.tell(
            {
                "submitted": {
                    "run": handle.id,
                    "folder": str(handle.folder),
                    "remote": handle.remote_id,
                    "url": handle.url,
                }
            }
        )
        with self._lock:
            self._handle, wish = handle, self._wish
        if wish:
            handle.cancel() if wish == "cancel" else handle.leave()
        result = None
        while not handle.done:
            handle.wait(3600)
        result = handle.wait(0)
        self._speaker.tell({"result": result.to_json() if result else None})

    def _on_submit(self) -> None:
        with self._lock:
            if self._wish:
                os._exit(0)
            self._submitting = True

    def _fail(self, message: str, hint: str, node: str | None = None) -> None:
        self._speaker.tell({"error": {"message": message, "hint": hint, "node": node}})


class _Later:
    """A connection that signs in when it is first needed: what is wrong is said before."""

    def __init__(self, destination: SubmissionTarget, speaker: Speaker, on_submit: Any) -> None:
        self._destination = destination
        self._speaker = speaker
        self._on_submit = on_submit
        self._real: Connection | None = None

    def __getattr__(self, name: str) -> Any:
        if self._real is None:
            from designer.azure.runs.submission import connect

            self._real = connect(self._destination, say=self._speaker.say)
        if name in ("submit", "publish", "schedule"):
            self._on_submit()
        return getattr(self._real, name)


def _destination(request: Mapping[str, Any]) -> SubmissionTarget:
    from designer.azure.runs.submission import SubmissionTarget
    from designer.azure.workspace import read_config

    where = request["destination"]
    return SubmissionTarget(
        where["target"],
        read_config(Path(where["config"])),
        where.get("experiment") or "",
        where.get("compute") or None,
        where.get("sign_in") or "browser",
    )


def _own_output() -> TextIO:
    """Keep the standard output for messages: what libraries print goes to the error stream."""
    kept = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(kept, "w", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
