"""The pipeline training-size for Azure Machine Learning, SDK v1.

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
EXPERIMENT = "training-size"
COMPUTE = "cpu-cluster"
IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04"
PARAMETERS = {}


def build(workspace, datastore=None, targets=None, **options):
    """Return the pipeline."""
    datastore = datastore or workspace.get_default_datastore()
    targets = targets or workspace.compute_targets
    environment = Environment.from_conda_specification(
        "modeldesk", str(HERE / "environment" / "conda.yml")
    )
    environment.docker.base_image = IMAGE
    environment.environment_variables.clear()
    configuration = RunConfiguration()
    configuration.docker = DockerConfiguration(use_docker=True)
    configuration.environment = environment
    parameters_of_pipeline = {
        name: PipelineParameter(name, value) for name, value in PARAMETERS.items()
    }
    steps, made = [], {}

    def step(
        name,
        module,
        parameters="",
        inputs={},
        outputs=(),
        files={},
        writes={},
        values={},
        secrets=(),
        on=COMPUTE,
        reuse=True,
    ):
        """Add a step: a module with folders in, folders out."""
        written = {
            output: PipelineData(
                f"{name}__{output}", datastore, output_name=output, is_directory=True
            )
            for output in [*outputs, *writes]
        }
        made.update({f"{name}.{output}": data for output, data in written.items()})
        read = []

        def port(wanted):
            return f"{wanted}_in" if wanted in written else wanted

        def take(binding):
            read.append(binding)
            return binding

        def stored(wanted, path):
            if path.startswith("azureml:") and "://" not in path:
                registered, _, version = path.partition(":")[2].replace("@", ":").partition(":")
                dataset = Dataset.get_by_name(workspace, registered, version)
                return take(dataset.as_named_input(f"{name}__{wanted}"[-90:]).as_mount())
            if path.startswith("azureml://datastores/"):
                store, _, target = path.removeprefix("azureml://datastores/").partition("/paths/")
                store = Datastore.get(workspace, store)
            else:
                store, target = datastore, f"modeldesk/{key(HERE / path)}"
            reference = DataReference(
                store, data_reference_name=f"{name}__{wanted}", path_on_datastore=target
            )
            return take(InputPortBinding(port(wanted), bind_object=reference))

        def joined(*parts):
            return ["--join", str(len(parts)), *parts]

        arguments = []
        for secret in secrets:
            arguments += ["--secret", secret]
        arguments.append(module)
        linked = {
            wanted: take(made[source].as_input(port(wanted))) for wanted, source in inputs.items()
        }
        named = {}
        for wanted, (folder, file) in files.items():
            named[wanted] = [stored(wanted, folder), *([f"/{file}"] if file else [])]
        if parameters:
            folder = stored("parameters", parameters)
            arguments += ["--parameters", *joined(folder, "/parameters.json")]
        for wanted, folder in linked.items():
            arguments += ["--input", *joined(f"{wanted}=", folder)]
        for output in outputs:
            arguments += ["--output", *joined(f"{output}=", written[output])]
        for wanted, parts in named.items():
            arguments += ["--set", *joined(f"{wanted}=", *parts)]
        for output, file in writes.items():
            arguments += ["--set", *joined(f"{output}=", written[output], f"/{file}")]
        for wanted, parameter in values.items():
            arguments += ["--set", *joined(f"{wanted}=", parameters_of_pipeline[parameter])]
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

    # Boosted Decision Tree Regression: One learner for both
    step(
        "boosted_trees", "boosted_decision_tree_regression",
        outputs=["untrained_model"],
    )
    # Dataset: 1,030 samples in a laboratory
    step(
        "concrete", "dataset",
        outputs=["dataset"],
        files={"path": ["data/b818b001081877b2", "concrete.csv"]},
    )
    # Split Data: 75 % for training
    step(
        "split_data", "split_data",
        parameters="parameters/split_data",
        inputs={"dataset": "concrete.dataset"},
        outputs=["results_dataset1", "results_dataset2"],
    )
    # Split Data: Rows to learn from
    step(
        "all_rows__share", "split_data",
        parameters="parameters/all_rows__share",
        inputs={"dataset": "split_data.results_dataset1"},
        outputs=["results_dataset1", "results_dataset2"],
    )
    # Split Data: Rows to learn from
    step(
        "few_rows__share", "split_data",
        parameters="parameters/few_rows__share",
        inputs={"dataset": "split_data.results_dataset1"},
        outputs=["results_dataset1", "results_dataset2"],
    )
    # Train Model: Learn the strength
    step(
        "all_rows__train", "train_model",
        parameters="parameters/all_rows__train",
        inputs={
            "untrained_model": "boosted_trees.untrained_model",
            "dataset": "all_rows__share.results_dataset1",
        },
        outputs=["trained_model"],
    )
    # Train Model: Learn the strength
    step(
        "few_rows__train", "train_model",
        parameters="parameters/few_rows__train",
        inputs={
            "untrained_model": "boosted_trees.untrained_model",
            "dataset": "few_rows__share.results_dataset1",
        },
        outputs=["trained_model"],
    )
    # Score Model: Always the same test rows
    step(
        "all_rows__score", "score_model",
        inputs={
            "trained_model": "all_rows__train.trained_model",
            "dataset": "split_data.results_dataset2",
        },
        outputs=["scored_dataset"],
    )
    # Score Model: Always the same test rows
    step(
        "few_rows__score", "score_model",
        inputs={
            "trained_model": "few_rows__train.trained_model",
            "dataset": "split_data.results_dataset2",
        },
        outputs=["scored_dataset"],
    )
    # Evaluate Model: Left: 10 % of the rows
    step(
        "evaluate_model", "evaluate_model",
        inputs={
            "scored_dataset": "few_rows__score.scored_dataset",
            "scored_dataset_to_compare": "all_rows__score.scored_dataset",
        },
        outputs=["evaluation_results"],
    )

    return Pipeline(workspace, steps, default_datastore=datastore, **options)


def key(folder):
    """Return a hash of the files of a folder: what is equal is uploaded once, and reused."""
    digest = hashlib.sha256()
    for path in sorted(each.relative_to(folder).as_posix() for each in files_in(folder)):
        digest.update(f"{path}\0".encode())
        digest.update(hashlib.sha256((folder / path).read_bytes()).digest())
    return digest.hexdigest()[:16]


def files_in(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def upload(datastore):
    """Upload the data and the parameters of the steps, unless they already exist."""
    for folder in [*HERE.glob("data/*"), *HERE.glob("parameters/*")]:
        target = f"modeldesk/{key(folder)}"
        datastore.upload(str(folder), target_path=target, show_progress=False)


if __name__ == "__main__":
    workspace = Workspace.from_config()
    upload(workspace.get_default_datastore())
    run = Experiment(workspace, EXPERIMENT).submit(build(workspace))
    print(run.get_portal_url())
    run.wait_for_completion(show_output=True)
