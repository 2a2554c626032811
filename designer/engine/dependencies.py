"""The dependencies between the steps of a run, as it progresses."""

from __future__ import annotations

from collections.abc import Mapping

from designer.engine.executors.base import InputValue
from designer.engine.plan import Plan, Step
from designer.engine.step_state import ENDED, StepState
from modules.contract import Effects


class Dependencies:
    """The dependencies between the steps of a plan.

    Parameters
    ----------
    states : mapping of str to StepState
        Of every step; they change during the run.
    """

    def __init__(self, plan: Plan, states: Mapping[str, StepState]) -> None:
        self._plan = plan
        self._states = states
        self._unread = {node: set(self.below(node)) for node in states}

    def obstacle(self, step: Step) -> str:
        """Return why a step can never run, if a dependency has failed or is missing."""
        optional = {port.name for port in step.spec.inputs if port.optional} if step.spec else set()
        for port, source in step.inputs.items():
            above = self._states[source.node]
            if above.status == "failed":
                return f"“{source.node}” failed."
            if above.status == "cancelled":
                return f"“{source.node}” was canceled."
            if above.status == "skipped" and source.node not in self._plan.disabled:
                return f"“{source.node}” was skipped."
            if port in optional:
                continue
            if above.status == "skipped":
                return f"“{source.node}” is disabled."
            if above.present is not None and source.port not in above.present:
                return f"“{source.node}” has no output “{source.port}”."
        return ""

    def identities(self, step: Step) -> dict[str, str] | None:
        """Return what represents each input in a fingerprint; None until all are known."""
        found = {}
        for port, source in step.inputs.items():
            above = self._states[source.node]
            if above.status == "skipped":
                continue
            if above.content is not None:
                if source.port in above.content:
                    found[port] = above.content[source.port]
            elif above.key and not above.by_content:
                found[port] = f"{above.key}:{source.port}"
            else:
                return None
        return found

    def are_met(self, step: Step) -> bool:
        """Return whether all is there that a step needs.

        A user's code may change what it gets, so it has to be stored before.
        """
        assert step.spec is not None
        enough = {"completed", "reused", "skipped"}
        if step.spec.effects != Effects.USER_CODE:
            enough.add("computed")
        return all(self._states[source.node].status in enough for source in step.inputs.values())

    def values(self, step: Step) -> dict[str, InputValue]:
        """Return where each input is; an absent one is left out."""
        found = {}
        for port, source in step.inputs.items():
            above = self._states[source.node]
            if above.status != "skipped" and source.port in (above.present or ()):
                found[port] = InputValue(above.key, source.port)
        return found

    def wanted(self, node: str) -> frozenset[str]:
        """Return the outputs of a step that others will read."""
        return frozenset(
            source.port
            for source, readers in self._plan.readers_of(node)
            if any(self._states[reader].status not in ENDED for reader in readers)
        )

    def below(self, node: str) -> list[str]:
        """Return the steps that read outputs of this one."""
        return [reader for _, readers in self._plan.readers_of(node) for reader in readers]

    def no_longer_read(self, node: str) -> frozenset[str]:
        """Record that a step has read or won't read its inputs; return what is no longer needed.

        Returns
        -------
        frozenset of str
            Keys of steps above, and its own if nothing below reads it.
        """
        keys = set() if self._unread[node] else {self._states[node].key}
        for source in self._states[node].step.inputs.values():
            unread = self._unread[source.node]
            unread.discard(node)
            if not unread:
                keys.add(self._states[source.node].key)
        return frozenset(keys - {""})

    def add_reader(self, node: str) -> None:
        """Record that a step will read its inputs again."""
        for source in self._states[node].step.inputs.values():
            self._unread[source.node].add(node)
