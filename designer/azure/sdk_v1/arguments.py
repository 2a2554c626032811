"""The command line of a step for SDK v1; imports no SDK."""

from __future__ import annotations

from designer.azure.compile.step_ports import Input, Reference
from designer.azure.compile.steps import Step


def step_arguments(step: Step) -> list[str | Reference]:
    """Return the arguments of ``run_step.py``.

    The SDK passes a folder as a separate argument, so arguments that have one in
    them are split; ``run_step.py`` joins them again.
    """
    (call,) = step.calls
    arguments: list[str | Reference] = []
    for name in call.secrets:
        arguments += ["--secret", name]
    for word in call.arguments():
        if len(word) > 1:
            arguments += ["--join", str(len(word))]
        arguments += word
    return arguments


def input_name(step: Step, item: Input) -> str:
    """Return the name of an input; an output of the same name would be mixed up with it."""
    taken = {output.name for output in step.outputs}
    return f"{item.name}_in" if item.name in taken else item.name
