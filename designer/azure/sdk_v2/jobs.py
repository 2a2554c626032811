"""The jobs of the pipeline file of SDK v2, and the pipeline components of shared modules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from designer.azure.compile.cards import Card, CardParameter
from designer.azure.compile.job_tree import JobTree
from designer.azure.compile.step_ports import PARAMETERS_FILE
from designer.azure.compile.steps import Description, Step
from designer.azure.sdk_v2.interface import Interface, is_plain
from designer.pipeline.identifiers import free_id
from designer.pipeline.model import Json

COMPONENTS = "components"
"""The folder of the components' files."""

UNBUFFERED = {"PYTHONUNBUFFERED": "1"}
"""Lets what a step prints be read while it runs."""


@dataclass(frozen=True)
class CardInput:
    """An input of a card's component: inputs of steps in it.

    Parameters
    ----------
    document : dict
        As in the YAML file of the component.
    step, input : str
        The step, and the input of its component, whose value the card passes.
    passed : tuple of object
        The value that the card passes instead, alone.
    """

    document: dict[str, Any]
    step: str
    input: str
    passed: tuple[Json, ...] = ()


class Jobs:
    """The jobs of a description.

    Parameters
    ----------
    interfaces : mapping
        By step: its module as a component.
    files : mapping
        By step, and by address of a card: the name of its component's file. Those of cards are
        needed for the jobs around them only.
    """

    def __init__(
        self,
        description: Description,
        interfaces: Mapping[str, Interface],
        files: Mapping[str, str],
    ) -> None:
        self._steps = {step.id: step for step in description.steps}
        self._by_node = {step.nodes[0]: step for step in description.steps}
        self._tree = JobTree(description)
        self._interfaces = interfaces
        self._files = files
        # By card: the names of its inputs by step and input, and the inputs by name.
        self._exposed: dict[str, dict[tuple[str, str], str]] = {"": {}}
        self._inputs: dict[str, dict[str, CardInput]] = {}
        self._outputs: dict[str, dict[tuple[str, str], str]] = {}
        for card in reversed(description.cards):
            self._exposed[card.group] = {}
            self._inputs[card.group] = {}
            for name, ends, made in self._card_inputs(card):
                name = free_id(name, self._inputs[card.group])
                self._inputs[card.group][name] = made
                self._exposed[card.group] |= dict.fromkeys(ends, name)
            self._outputs[card.group] = self._card_outputs(card)
        self._outputs[""] = self._unread()

    @property
    def outputs(self) -> list[str]:
        """The names of the pipeline's outputs: what no step reads."""
        return list(self._outputs[""].values())

    def component(self, card: Card) -> dict[str, Any]:
        """Return the inputs, outputs, and jobs of a card's component."""
        titles = {port.name: port.title for port in card.outputs}
        return {
            "inputs": {name: each.document for name, each in self._inputs[card.group].items()},
            "outputs": {
                name: {"type": "uri_folder", "description": titles.get(name, name)}
                for name in self._outputs[card.group].values()
            },
            "jobs": self.jobs(card.group),
        }

    def jobs(self, scope: str = "") -> dict[str, Any]:
        """Return the jobs of the pipeline or, by its address, of a card."""
        made: dict[str, Any] = {}
        for step in self._steps.values():
            if self._is_in(scope, step.id):
                card = self._tree.card_towards(scope, step.id)
                if card is None:
                    made[self._tree.name(step.id)] = self._step_job(scope, step)
                elif self._tree.card_name(card) not in made:
                    made[self._tree.card_name(card)] = self._card_job(scope, card)
        return made

    def _step_job(self, scope: str, step: Step) -> dict[str, Any]:
        interface = self._interfaces[step.id]
        given = {*interface.values, *interface.links}
        given |= {name for each, name in self._exposed[scope] if each == step.id}
        job = {
            "type": "command",
            "component": self._file(scope, step.id),
            "compute": f"azureml:{step.compute}" if step.compute else "",
            "comment": step.comment,
            "inputs": {
                name: self._value(scope, step.id, name)
                for name in interface.inputs
                if name in given
            },
            "outputs": self._passed_on(scope, step.id),
        }
        if scope:
            # The name by which the run history lists it; at the top it is set when it is sent.
            job |= {
                "display_name": self._tree.name(step.id),
                "environment_variables": dict(UNBUFFERED),
            }
        return {key: value for key, value in job.items() if value not in ("", {})}

    def _card_job(self, scope: str, card: Card) -> dict[str, Any]:
        inputs = {}
        for name, each in self._inputs[card.group].items():
            interface = self._interfaces[each.step]
            if (each.step, each.input) in self._exposed[scope]:
                inputs[name] = self._value(scope, each.step, each.input)
            elif each.passed:
                inputs[name] = each.passed[0]
            elif each.input in {*interface.values, *interface.links}:
                value = self._value(scope, each.step, each.input)
                if "default" not in each.document or value != each.document["default"]:
                    inputs[name] = value
        outputs: dict[str, str] = {}
        for (step, output), name in self._outputs[card.group].items():
            passed = self._passed_on(scope, step)
            if output in passed:
                outputs[name] = passed[output]
        job = {
            "type": "pipeline",
            "component": self._file(scope, card.group),
            "display_name": self._tree.card_name(card) if scope else "",
            "comment": card.comment,
            "inputs": inputs,
            "outputs": outputs,
        }
        return {key: value for key, value in job.items() if value not in ("", {})}

    def _value(self, scope: str, step: str, name: str) -> Any:
        """Return what a job in a scope passes to an input of a step, as in the YAML file."""
        if (step, name) in self._exposed[scope]:
            return f"${{{{parent.inputs.{self._exposed[scope][step, name]}}}}}"
        interface = self._interfaces[step]
        if name not in interface.links:
            value = interface.values[name]
            if scope and isinstance(value, dict) and value["path"].startswith("./"):
                # The files of components are in a folder.
                return value | {"path": f".{value['path']}"}
            return value
        item = interface.links[name]
        card = self._tree.card_towards(scope, item.step)
        job, output = (
            (self._tree.name(item.step), item.output)
            if card is None
            else (self._tree.card_name(card), self._outputs[card.group][item.step, item.output])
        )
        return f"${{{{parent.jobs.{job}.outputs.{output}}}}}"

    def _passed_on(self, scope: str, step: str) -> dict[str, str]:
        """Return by output of a step the output of the scope that it is."""
        return {
            output: f"${{{{parent.outputs.{name}}}}}"
            for (each, output), name in self._outputs[scope].items()
            if each == step
        }

    def _card_inputs(self, card: Card) -> Iterator[tuple[str, list[tuple[str, str]], CardInput]]:
        """Yield the inputs of a card: a name, the inputs of steps that it is, and how."""
        for port in card.inputs:
            ends = [(self._by_node[end.node].id, end.port) for end in port.ends]
            document: dict[str, Any] = {"type": "uri_folder", "description": port.title}
            if all(self._interfaces[step].inputs[name].get("optional") for step, name in ends):
                document["optional"] = True
            yield port.name, ends, CardInput(document, *ends[0])
        files = set()
        for parameter in card.parameters:
            step, key = self._by_node[parameter.end.node], parameter.end.port
            interface = self._interfaces[step.id]
            names = [name for name, each in interface.parameters.items() if each == key]
            if key in interface.in_file:
                names = [interface.file_input]
            for name in names:
                inner = self._tree.card_towards(card.group, step.id)
                if inner is not None and (step.id, name) not in self._exposed[inner.group]:
                    continue
                if key not in interface.in_file:
                    chosen = parameter.name + name.removeprefix(key)
                    yield chosen, [(step.id, name)], self._parameter(parameter, step, name)
                elif step.id not in files:
                    files.add(step.id)
                    text = f"{PARAMETERS_FILE} with the parameters of {step.title}."
                    document = {"type": "uri_folder", "description": text}
                    chosen = f"{self._tree.name(step.id)}_{name}"
                    yield chosen, [(step.id, name)], CardInput(document, step.id, name)

    def _parameter(self, parameter: CardParameter, step: Step, name: str) -> CardInput:
        """Return the input of a parameter: with the value of the shared module as default."""
        interface = self._interfaces[step.id]
        document = dict(interface.inputs[name])
        spec = step.spec.parameter_by_name[parameter.end.port]
        passed: tuple[Json, ...] = ()
        if parameter.title != spec.title:
            document["description"] = parameter.title
        is_value = name == parameter.end.port and not document["type"].startswith("uri_")
        if parameter.usual and is_value:
            document.pop("default", None)
            usual = parameter.usual[0]
            if name not in interface.values and is_plain(spec.default, spec):
                passed = (spec.default,)
            if is_plain(usual, spec) and (name in interface.values or passed):
                document["default"] = usual
        return CardInput(document, step.id, name, passed)

    def _card_outputs(self, card: Card) -> dict[tuple[str, str], str]:
        """Return by step and output the name of a card's output: of ports, and of files."""
        found: dict[tuple[str, str], str] = {}
        for port in card.outputs:
            step = self._by_node[port.ends[0].node]
            found.setdefault((step.id, step.calls[0].outputs[port.ends[0].port]), port.name)
        for step in self._steps.values():
            if card.contains(step.nodes[0]):
                for output, _ in step.calls[0].written.values():
                    name = step.nodes[0].removeprefix(f"{card.group}/").replace("/", "__")
                    found[step.id, output] = free_id(f"{name}_{output}", set(found.values()))
        return found

    def _unread(self) -> dict[tuple[str, str], str]:
        """Return by step and output the names of what no job of the pipeline reads."""
        read = {
            (item.step, item.output): None
            for step in self._steps.values()
            for item in step.inputs
            if item.step and self._is_apart(step.id, item.step)
        }
        found: dict[tuple[str, str], str] = {}
        for step in self._steps:
            card = self._tree.card_towards("", step)
            if card is None:
                job, outputs = self._tree.name(step), dict.fromkeys(self._interfaces[step].outputs)
                named = {(step, output): output for output in outputs}
            else:
                job = self._tree.card_name(card)
                named = {
                    key: name for key, name in self._outputs[card.group].items() if key[0] == step
                }
            for key, name in named.items():
                if key not in read:
                    found[key] = free_id(f"{job}_{name}", set(found.values()))
        return found

    def _is_apart(self, step: str, other: str) -> bool:
        """Return whether two steps aren't in the same card of the pipeline."""
        one, two = self._tree.card_towards("", step), self._tree.card_towards("", other)
        return one is None or one is not two

    def _is_in(self, scope: str, step: str) -> bool:
        return not scope or self._steps[step].nodes[0].startswith(f"{scope}/")

    def _file(self, scope: str, key: str) -> str:
        return f"./{self._files[key]}.yml" if scope else f"./{COMPONENTS}/{self._files[key]}.yml"
