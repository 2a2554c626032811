"""What the user has agreed to: code and reads outside, by their content.

Remembered in the workspace are contents, not files: what the user has put in here, and what
they have allowed. A file that was replaced by another program, or that comes from elsewhere,
contains content that isn't among them.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from designer.app.document.document import Document
from designer.app.document.path_parameters import rebase
from designer.engine.accesses import ALLOWED, Access, accesses, changed_nodes, named_accesses
from designer.pipeline.model import Node, Pipeline
from designer.trust import Agreement, Trust
from designer.workspace import Workspace
from modules.contract import ModuleSpec

DECLINED = "pipeline access, not now"
"""The purpose under which it is remembered that the user doesn't want to be asked."""


class Agreements:
    """What of the open pipeline the user has agreed to. May be asked from any thread.

    An edit in the window agrees to what the user puts in: to every new path, and to the new
    code and addresses of a node unless they replace some that weren't agreed to.
    """

    def __init__(
        self, document: Document, specs: Mapping[str, ModuleSpec], workspace: Workspace
    ) -> None:
        self._document = document
        self._specs = specs
        self._workspace = workspace
        self._trust = Trust(workspace.folder)
        # Of this session, until the pipeline is saved.
        self._agreed: frozenset[bytes] = frozenset()
        self._declined: frozenset[bytes] = frozenset()
        self._kept: set[bytes] = set()
        self._keeping = threading.Lock()
        document.editing.connect(lambda before, after: self._on_editing(before, after))

    def missing(self, pipeline: Pipeline, base: Path) -> list[Access]:
        """Return what the enabled nodes of a pipeline do that the user hasn't agreed to."""
        return [
            access
            for access in accesses(pipeline, self._specs, base, self._workspace)
            if not pipeline.nodes[access.node].disabled and not self._is_agreed(access)
        ]

    def closed(self, pipeline: Pipeline, base: Path) -> set[str]:
        """Return the nodes that mustn't run and whose files mustn't be looked at."""
        found = accesses(pipeline, self._specs, base, self._workspace)
        return {access.node for access in found if not self._is_agreed(access)}

    def may_look(self, node: str) -> bool:
        """Return whether the files that a node of the open pipeline names may be looked at."""
        pipeline = self._document.pipeline
        nodes = [pipeline.nodes[node]] if node in pipeline.nodes else []
        found = accesses(pipeline, self._specs, self._document.base, self._workspace, nodes)
        return all(self._is_agreed(access) for access in found)

    def allow(self, found: Iterable[Access]) -> None:
        """Remember that the user agrees."""
        for access in found:
            self._agreed |= {access.digest}
            self._give(ALLOWED, access)

    def decline(self, found: Iterable[Access]) -> None:
        """Remember that the user doesn't want to be asked."""
        for access in found:
            self._declined |= {access.digest}
            self._give(DECLINED, access)

    def put_off(self, found: Iterable[Access]) -> None:
        """Don't let the user be asked again while the pipeline is open."""
        self._declined |= {access.digest for access in found}

    def is_declined(self, access: Access) -> bool:
        """Return whether the user doesn't want to be asked."""
        return access.digest in self._declined or self._trust.given(DECLINED, access.digest)

    def adopt(self) -> None:
        """Agree to all that the open pipeline does: it was made here."""
        pipeline, base = self._document.pipeline, self._document.base
        found = accesses(pipeline, self._specs, base, self._workspace)
        self._agreed |= {access.digest for access in found}

    def keep(self, pipeline: Pipeline, base: Path) -> None:
        """Remember what the user has put in and not saved yet, in case of a crash.

        What was remembered of an earlier state of the same code is forgotten.
        """
        present = {
            access.digest: access
            for access in accesses(pipeline, self._specs, base, self._workspace)
            if access.digest in self._agreed
        }
        with self._keeping:
            for digest in self._kept - present.keys():
                with suppress(OSError):
                    self._trust.withdraw(ALLOWED, digest)
            self._kept &= present.keys()
            for digest in present.keys() - self._kept:
                if not self._trust.given(ALLOWED, digest):
                    self._give(ALLOWED, present[digest])
                    self._kept.add(digest)

    def rebased(self, pipeline: Pipeline, old: Path, new: Path) -> Pipeline:
        """Return a part of the open pipeline with paths from another folder.

        What it named that was the pipeline's own, or agreed to, is agreed to from there.
        """
        closed = self.closed(pipeline, old)
        moved = rebase(pipeline, self._specs, old, new, closed=closed)
        nodes = [node for name, node in moved.nodes.items() if name not in closed]
        found = named_accesses(moved, nodes, self._specs, new, self._workspace)
        self._agreed |= {access.digest for access in found}
        return moved

    def saved(self) -> None:
        """Remember what the open pipeline contains that was agreed to: its file is made here."""
        pipeline, base = self._document.pipeline, self._document.base
        found = accesses(pipeline, self._specs, base, self._workspace)
        with self._keeping:
            self.allow(each for each in found if self._is_agreed(each))
            self._kept = set()

    def copied(self, fragment: Pipeline) -> None:
        """Remember what a part of the open pipeline does: it may be pasted in another window."""
        closed = self.closed(fragment, self._document.base)
        nodes = [node for name, node in fragment.nodes.items() if name not in closed]
        self.allow(self._named(fragment, nodes))

    def forget(self) -> None:
        """Forget what was agreed to only until now: another pipeline is open."""
        self._agreed, self._declined = frozenset(), frozenset()
        with self._keeping:
            self._kept = set()

    def given(self) -> list[Agreement]:
        """Return all agreements of the workspace, and what isn't to be asked, latest first."""
        return self._trust.agreements()

    def withdraw(self, agreements: Collection[Agreement]) -> None:
        """Forget agreements, those of the open pipeline at once.

        Raises
        ------
        OSError
            If the workspace isn't writable.
        """

        def stored(purpose: str, digests: frozenset[bytes]) -> frozenset[bytes]:
            return frozenset(each for each in digests if self._trust.given(purpose, each))

        agreed, declined = stored(ALLOWED, self._agreed), stored(DECLINED, self._declined)
        try:
            self._trust.remove(agreements)
        finally:
            self._agreed -= agreed - stored(ALLOWED, agreed)
            self._declined -= declined - stored(DECLINED, declined)

    def _is_agreed(self, access: Access) -> bool:
        return access.digest in self._agreed or self._trust.given(ALLOWED, access.digest)

    def _give(self, purpose: str, access: Access) -> None:
        # A workspace that isn't writable forgets it at the end of the session.
        with suppress(OSError):
            self._trust.give(purpose, access.digest, access.shown(self._document.path))

    def _on_editing(self, before: Pipeline, after: Pipeline) -> None:
        old = changed_nodes(before, after, self._specs)
        new = changed_nodes(after, before, self._specs)
        known = {access.digest for access in self._named(before, old.values())}
        doubtful = {
            access.node
            for access in self._named(before, old.values())
            if access.file is None and not self._is_agreed(access)
        }
        self._agreed |= {
            access.digest
            for access in self._named(after, new.values())
            if access.digest not in known and (access.file or access.node not in doubtful)
        }

    def _named(self, pipeline: Pipeline, nodes: Collection[Node]) -> list[Access]:
        base = self._document.base
        return list(named_accesses(pipeline, nodes, self._specs, base, self._workspace))
