"""The steps of a pipeline as a ``Pipeline`` of SDK v1."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from azureml.core import Datastore, Environment, Workspace
from azureml.core.runconfig import DockerConfiguration, RunConfiguration
from azureml.data.data_reference import DataReference
from azureml.pipeline.core import InputPortBinding, Pipeline, PipelineData, PipelineParameter

from designer.azure.compile.problems import CompileError
from designer.azure.compile.step_ports import Input, Reference
from designer.azure.compile.steps import Description, Step
from designer.azure.sdk_v1.arguments import input_name, step_arguments
from designer.azure.sdk_v1.private import (
    PythonScriptStep,
    offline,
    offline_dataset,
    offline_datastore,
)
from designer.azure.sdk_v1.registered import DatastorePath, registered
from designer.packaging import environment
from designer.packaging.snapshot import FOLDER
from designer.pipeline.model import Json
from designer.pipeline.problem import Problem

UPLOADED = "modeldesk"
"""The folder of the datastore that data and parameters are uploaded to."""

COMPUTE_TYPE = "AmlCompute"
"""The type of a compute target whose type wasn't looked up."""

SCRIPT = "run_step.py"

_LONGEST_NAME = 90
"""Characters of the name of a dataset in a step."""


def build(
    workspace: Workspace,
    description: Description,
    *,
    compute: str | tuple[str, str] | None,
    parameters: Mapping[str, Json] | None = None,
    folder: Path,
    image: str = environment.IMAGE,
    datastore: Any = None,
    workflow_provider: Any = None,
    datastores: Callable[[str], Any] | None = None,
    datasets: Callable[[str, str], Any] | None = None,
    code: Path | None = None,
) -> Pipeline:
    """Build the pipeline; with a real workspace this calls the service.

    Parameters
    ----------
    compute : str, (str, str) or None
        The compute target, by name, or by name and type so that it isn't looked up;
        None for the one that the description names. Steps with their own keep it.
    parameters : mapping, optional
        Defaults of pipeline parameters other than the description's.
    folder : Path
        The compiled files; see :mod:`designer.azure.compile.compiling`. What has to
        be there when the pipeline runs is put there by :func:`upload`.
    datastore : optional
        Where data is; default: the workspace's default datastore.
    workflow_provider : optional
        What replaces the service.
    datastores : callable, optional
        Finds a datastore by name; default: from the workspace.
    datasets : callable, optional
        Finds registered data by name and version; default: :func:`registered`.
    code : Path, optional
        The code folder; default: that of ``folder``. The SDK hashes it for every step.

    Raises
    ------
    CompileError
        If a step is Azure's automated ML job: the client of SDK v1 for it needs older versions of
        numpy and pyarrow than the modules.
    """
    problems = [
        Problem(
            "error",
            f"{step.title}: Azure's automated ML job needs SDK v2.",
            "Choose SDK v2, or let ModelDesk search.",
            step.nodes[-1],
            code="azure-sdk",
        )
        for step in description.steps
        if step.automl is not None
    ]
    if problems:
        raise CompileError(problems)
    if datastore is None:
        datastore = workspace.get_default_datastore()
    builder = _Builder(description, compute, parameters or {}, folder, image, datastore)
    builder.code = code or folder / FOLDER
    builder.find = datastores or (lambda name: Datastore.get(workspace, name))
    builder.find_dataset = datasets or partial(registered, workspace)
    options = {} if workflow_provider is None else {"_workflow_provider": workflow_provider}
    return Pipeline(
        workspace,
        [builder.step(step) for step in description.steps],
        description=description.text or description.name,
        default_datastore=datastore,
        **options,
    )


def build_offline(
    description: Description,
    *,
    compute: str | None,
    parameters: Mapping[str, Json] | None = None,
    folder: Path,
    image: str = environment.IMAGE,
    code: Path | None = None,
) -> Pipeline:
    """Build the pipeline without a network or a login, to validate and serialize it."""
    workspace, datastore, provider = offline()
    return build(
        workspace,
        description,
        compute=compute and (compute, COMPUTE_TYPE),
        parameters=parameters,
        folder=folder,
        image=image,
        datastore=datastore,
        workflow_provider=provider,
        datastores=partial(offline_datastore, workspace),
        datasets=partial(offline_dataset, workspace),
        code=code,
    )


def upload(description: Description, folder: Path, datastore: Any) -> None:
    """Upload data and parameters to a datastore; what is there already is kept."""
    for each in description.uploads:
        datastore.upload(
            str(folder / each.folder),
            target_path=f"{UPLOADED}/{each.key}",
            overwrite=False,
            show_progress=False,
        )


class _Configuration(RunConfiguration):
    """A configuration that is written out once: the SDK does so for every step."""

    @cached_property
    def _text(self) -> str:
        return str(super().__repr__())

    def __repr__(self) -> str:
        return self._text


class _Builder:
    def __init__(
        self,
        description: Description,
        compute: str | tuple[str, str] | None,
        parameters: Mapping[str, Json],
        folder: Path,
        image: str,
        datastore: Any,
    ) -> None:
        self.code = folder / FOLDER
        self.find: Callable[[str], Any]
        self.find_dataset: Callable[[str, str], Any]
        self._datastore = datastore
        self._compute = compute or description.compute
        # Looked up where the pipeline's is, and not where it isn't.
        self._named_only = isinstance(compute, tuple)
        self._values = {
            each.name: PipelineParameter(each.name, parameters.get(each.name, each.default))
            for each in description.parameters
        }
        self._outputs = {
            (step.id, output.name): PipelineData(
                f"{step.id}__{output.name}",
                datastore=datastore,
                output_name=output.name,
                is_directory=True,
            )
            for step in description.steps
            for output in step.outputs
        }
        self._configuration = _Configuration()
        self._configuration.docker = DockerConfiguration(use_docker=True)
        made = Environment.from_conda_specification(
            environment.NAME, str(folder / environment.FILE)
        )
        made.docker.base_image = image
        # The SDK puts an example there.
        made.environment_variables.clear()
        self._configuration.environment = made

    def step(self, step: Step) -> PythonScriptStep:
        inputs = {each.name: self._input(step, each) for each in step.inputs}
        outputs = {each.name: self._outputs[step.id, each.name] for each in step.outputs}

        def stand_in(part: str | Reference) -> Any:
            if isinstance(part, str):
                return part
            kinds = {"input": inputs, "output": outputs, "value": self._values}
            return kinds[part.kind][part.name]

        return PythonScriptStep(
            name=step.id,
            script_name=SCRIPT,
            source_directory=str(self.code),
            arguments=[stand_in(part) for part in step_arguments(step)],
            inputs=list(inputs.values()),
            outputs=list(outputs.values()),
            compute_target=self._compute_of(step),
            runconfig=self._configuration,
            allow_reuse=step.deterministic,
        )

    def _input(self, step: Step, item: Input) -> Any:
        port = input_name(step, item)
        if item.asset is not None:
            found = self.find_dataset(item.asset.name, item.asset.version)
            if not isinstance(found, DatastorePath):
                # A mounted dataset of one file is given over as the path of that file.
                return found.as_named_input(f"{step.id}__{item.name}"[-_LONGEST_NAME:]).as_mount()
            datastore, folder = self.find(found.datastore), found.path
        elif item.upload is not None:
            datastore, folder = self._datastore, f"{UPLOADED}/{item.upload.key}"
        elif item.location is not None:
            datastore, folder = self.find(item.location.datastore), item.location.folder
        else:
            return self._outputs[item.step, item.output].as_input(port)
        reference = DataReference(
            datastore, data_reference_name=f"{step.id}__{item.name}", path_on_datastore=folder
        )
        return InputPortBinding(port, bind_object=reference)

    def _compute_of(self, step: Step) -> str | tuple[str, str] | None:
        if step.compute is None:
            return self._compute
        return (step.compute, COMPUTE_TYPE) if self._named_only else step.compute
