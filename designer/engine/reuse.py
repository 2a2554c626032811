"""Which stored results can be reused by the steps of a run."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection

from designer.engine.dependencies import Dependencies
from designer.engine.fingerprints import digest, module_digest, step_fingerprint, value_digest
from designer.engine.plan import Step
from designer.engine.step_state import StepState
from designer.engine.store.entry import Manifest
from designer.engine.store.errors import DamagedEntryError
from designer.engine.store.store import Store

_log = logging.getLogger(__name__)


class ResultFinder:
    """Fingerprints of the steps of one run, and the results that the store has for them.

    Parameters
    ----------
    run : str
        The run's id; what is found is kept for it.
    reuse : bool
        Whether stored results may be reused.
    resume : collection of str
        Steps whose latest results are reused although another run could have others.
    warn : callable
        Called with (node, text) for a warning about a stored result.
    check : callable
        Called again and again while files are read; what it raises ends the reading.
    """

    def __init__(
        self,
        run: str,
        store: Store,
        dependencies: Dependencies,
        warn: Callable[[str, str], None],
        check: Callable[[], None],
        *,
        reuse: bool,
        resume: Collection[str] = (),
    ) -> None:
        self._run = run
        self._store = store
        self._dependencies = dependencies
        self._warn = warn
        self._check = check
        self._reuse = reuse
        self._resume = frozenset(resume)
        self._sources: dict[str, str] = {}

    def identify(self, state: StepState) -> bool:
        """Compute the fingerprint of a step; False as long as its inputs aren't known.

        Raises
        ------
        OSError
            If a file that the step reads can't be read.
        """
        step = state.step
        assert step.spec is not None
        inputs = self._dependencies.identities(step)
        if inputs is None:
            return False
        files = [self._store.content_digest(path, self._check) for path in step.files]
        if step.spec.value_path is not None:
            files += [value_digest(path) for path in step.files]
        code = self._sources.get(step.spec.id)
        if code is None:
            code = self._sources[step.spec.id] = module_digest(step.spec)
        state.base = step_fingerprint(step.spec, code, step.parameters, inputs, files)
        state.by_content = step.volatile or step.reuse is False
        salt = self._run if state.by_content else ""
        state.key = digest(state.base, str(step.threads), salt)
        return True

    def find(self, state: StepState) -> Manifest | None:
        """Return the entry that can be reused instead of running a step, if there is one."""
        allowed = state.step.reusable or state.step.node in self._resume
        if not (self._reuse and allowed):
            return None
        return self._store.find(
            state.base, self._run, lambda damage: self._on_damage(state.step, damage)
        )

    def is_sound(self, state: StepState, port: str) -> bool:
        """Return whether a reused output is what was stored; an entry that isn't is removed."""
        try:
            self._store.compare(state.key, port)
        except FileNotFoundError:
            return False
        except DamagedEntryError as damage:
            self._on_damage(state.step, damage)
            self._store.remove(state.key)
            return False
        return True

    def _on_damage(self, step: Step, damage: DamagedEntryError) -> None:
        text = f"{stored_result(step, damage.port)} is damaged, so the step runs again: {damage}"
        _log.warning("%s", text)
        self._warn(step.node, text)


def stored_result(step: Step, port: str) -> str:
    """Return what a stored output is called for a user: by titles, as on the canvas."""
    assert step.spec is not None
    output = step.spec.output_by_name.get(port)
    port = f" at “{output.title}”" if output is not None else ""
    return f"The stored result of “{step.spec.title}” ({step.node}){port}"
