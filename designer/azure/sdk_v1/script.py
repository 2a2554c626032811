"""Writes ``pipeline.py``: the pipeline for SDK v1 as a user would write it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from designer.azure.compile.steps import Description, Step
from designer.packaging import environment

WIDTH = 99


def script_text(description: Description, *, compute: str, image: str) -> str:
    """Return the text of the script.

    Parameters
    ----------
    compute : str
        The name of the compute target of steps without their own.
    image : str
        The image that the environment is built on.
    """
    parameters = {each.name: each.default for each in description.parameters}
    return _TEXT.format(
        name=description.name,
        compute=_python(compute),
        image=_python(image),
        environment=_python(environment.NAME),
        parameters=_assigned("PARAMETERS", parameters),
        steps="\n".join(_step(step) for step in description.steps),
    )


def _step(step: Step) -> str:
    (call,) = step.calls
    inputs = {each.name: each for each in step.inputs}

    def folder(name: str) -> str:
        item = inputs[name]
        return item.upload.folder if item.upload else str(item.location or item.asset)

    options = {
        "parameters": folder(call.parameters) if call.parameters else "",
        "inputs": {
            port: f"{inputs[name].step}.{inputs[name].output}" for port, name in call.inputs.items()
        },
        "outputs": list(call.outputs),
        "files": {
            parameter: [folder(name), inside] for parameter, (name, inside) in call.files.items()
        },
        "writes": {parameter: inside for parameter, (_, inside) in call.written.items()},
        "values": dict(call.values),
        "secrets": list(call.secrets),
        "on": step.compute or "",
    }
    given = [f"{name}={{}}" for name, value in options.items() if value]
    values = [value for value in options.values() if value]
    parts = [_python(step.id), _python(call.module)]
    title = " ".join(f"{step.title}: {step.comment}".split()) if step.comment else step.title
    lines = [f"    # {title}"[:WIDTH], "    step("]
    lines += [f"        {', '.join(parts)},"]
    for form, value in zip(given, values, strict=True):
        lines += _wrapped(f"        {form},", value)
    if not step.deterministic:
        lines.append("        reuse=False,")
    return "\n".join([*lines, "    )"])


def _assigned(name: str, value: Mapping[str, Any]) -> str:
    return "\n".join(_wrapped(f"{name} = {{}}", value))


def _wrapped(form: str, value: Any) -> list[str]:
    """Return lines of code with a value put in; one line for each item if one isn't enough."""
    line = form.replace("{}", _python(value), 1)
    if len(line) <= WIDTH or not isinstance(value, (dict, list)):
        return [line]
    before, after = form.split("{}", 1)
    inner = " " * (len(form) - len(form.lstrip()) + 4)
    if isinstance(value, dict):
        items = [f"{_python(key)}: {_python(item)}" for key, item in value.items()]
    else:
        items = [_python(item) for item in value]
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    indent = inner[4:]
    return [
        f"{before}{opening}",
        *(f"{inner}{item}," for item in items),
        f"{indent}{closing}{after}",
    ]


def _python(value: Any) -> str:
    """Return plain data as Python, texts in double quotes."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        items = (f"{_python(key)}: {_python(item)}" for key, item in value.items())
        return f"{{{', '.join(items)}}}"
    if isinstance(value, Sequence):
        return f"[{', '.join(map(_python, value))}]"
    return repr(value)


_TEXT = '''\
"""The pipeline {name} for Azure Machine Learning, SDK v1.

Written by ModelDesk, to be run or edited: put the config.json of your workspace beside
it, then call python pipeline.py. It needs azureml-core and azureml-pipeline-core.
"""

import hashlib
from pathlib import Path

from azureml.core import Dataset, Datastore, Environment, Experiment, Workspace
from azureml.core.runconfig import DockerConfiguration, RunConfiguration
from azureml.data.data_reference import DataReference
from azureml.pipeline.core import InputPortBinding, Pipeline, PipelineData, PipelineParameter

try:
    from azureml.pipeline.steps import PythonScriptStep
except ImportError:  # its base is the same, without the hundreds of megabytes
    from azureml.pipeline.core._python_script_step_base import (
        _PythonScriptStepBase as PythonScriptStep,
    )

HERE = Path(__file__).resolve().parent
EXPERIMENT = "{name}"
COMPUTE = {compute}
IMAGE = {image}
{parameters}


def build(workspace, datastore=None, targets=None, **options):
    """Return the pipeline."""
    datastore = datastore or workspace.get_default_datastore()
    targets = targets or workspace.compute_targets
    environment = Environment.from_conda_specification(
        {environment}, str(HERE / "environment" / "conda.yml")
    )
    environment.docker.base_image = IMAGE
    environment.environment_variables.clear()
    configuration = RunConfiguration()
    configuration.docker = DockerConfiguration(use_docker=True)
    configuration.environment = environment
    parameters_of_pipeline = {{
        name: PipelineParameter(name, value) for name, value in PARAMETERS.items()
    }}
    steps, made = [], {{}}

    def step(
        name,
        module,
        parameters="",
        inputs={{}},
        outputs=(),
        files={{}},
        writes={{}},
        values={{}},
        secrets=(),
        on=COMPUTE,
        reuse=True,
    ):
        """Add a step: a module with folders in, folders out."""
        written = {{
            output: PipelineData(
                f"{{name}}__{{output}}", datastore, output_name=output, is_directory=True
            )
            for output in [*outputs, *writes]
        }}
        made.update({{f"{{name}}.{{output}}": data for output, data in written.items()}})
        read = []

        def port(wanted):
            return f"{{wanted}}_in" if wanted in written else wanted

        def take(binding):
            read.append(binding)
            return binding

        def stored(wanted, path):
            if path.startswith("azureml:") and "://" not in path:
                registered, _, version = path.partition(":")[2].replace("@", ":").partition(":")
                dataset = Dataset.get_by_name(workspace, registered, version)
                return take(dataset.as_named_input(f"{{name}}__{{wanted}}"[-90:]).as_mount())
            if path.startswith("azureml://datastores/"):
                store, _, target = path.removeprefix("azureml://datastores/").partition("/paths/")
                store = Datastore.get(workspace, store)
            else:
                store, target = datastore, f"modeldesk/{{key(HERE / path)}}"
            reference = DataReference(
                store, data_reference_name=f"{{name}}__{{wanted}}", path_on_datastore=target
            )
            return take(InputPortBinding(port(wanted), bind_object=reference))

        def joined(*parts):
            return ["--join", str(len(parts)), *parts]

        arguments = []
        for secret in secrets:
            arguments += ["--secret", secret]
        arguments.append(module)
        linked = {{
            wanted: take(made[source].as_input(port(wanted))) for wanted, source in inputs.items()
        }}
        named = {{}}
        for wanted, (folder, file) in files.items():
            named[wanted] = [stored(wanted, folder), *([f"/{{file}}"] if file else [])]
        if parameters:
            folder = stored("parameters", parameters)
            arguments += ["--parameters", *joined(folder, "/parameters.json")]
        for wanted, folder in linked.items():
            arguments += ["--input", *joined(f"{{wanted}}=", folder)]
        for output in outputs:
            arguments += ["--output", *joined(f"{{output}}=", written[output])]
        for wanted, parts in named.items():
            arguments += ["--set", *joined(f"{{wanted}}=", *parts)]
        for output, file in writes.items():
            arguments += ["--set", *joined(f"{{output}}=", written[output], f"/{{file}}")]
        for wanted, parameter in values.items():
            arguments += ["--set", *joined(f"{{wanted}}=", parameters_of_pipeline[parameter])]
        steps.append(
            PythonScriptStep(
                name=name,
                script_name="run_step.py",
                source_directory=str(HERE / "snapshot"),
                arguments=arguments,
                inputs=read,
                outputs=list(written.values()),
                compute_target=targets[on],
                runconfig=configuration,
                allow_reuse=reuse,
            )
        )

{steps}

    return Pipeline(workspace, steps, default_datastore=datastore, **options)


def key(folder):
    """Return a hash of the files of a folder: what is equal is uploaded once, and reused."""
    digest = hashlib.sha256()
    for path in sorted(each.relative_to(folder).as_posix() for each in files_in(folder)):
        digest.update(f"{{path}}\\0".encode())
        digest.update(hashlib.sha256((folder / path).read_bytes()).digest())
    return digest.hexdigest()[:16]


def files_in(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def upload(datastore):
    """Upload the data and the parameters of the steps, unless they already exist."""
    for folder in [*HERE.glob("data/*"), *HERE.glob("parameters/*")]:
        target = f"modeldesk/{{key(folder)}}"
        datastore.upload(str(folder), target_path=target, show_progress=False)


if __name__ == "__main__":
    workspace = Workspace.from_config()
    upload(workspace.get_default_datastore())
    run = Experiment(workspace, EXPERIMENT).submit(build(workspace))
    print(run.get_portal_url())
    run.wait_for_completion(show_output=True)
'''
