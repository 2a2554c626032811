"""What can't become an inference pipeline, or can't be served, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from served import (
    Chain,
    Served,
)

from designer.catalog import Catalog
from designer.engine import Engine
from designer.inference.conversion import InferenceError, convert, update
from designer.inference.scoring_folder import ScoringError, write_scoring_folder
from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Pipeline

pytestmark = pytest.mark.filterwarnings("ignore::modules.contract.context.ModuleWarning")


class TestWhatCanNotBeConverted:
    def trained(self) -> Pipeline:
        chain = Chain()
        chain.scored("two_class_logistic_regression", chain.people(), "two-class", "label")
        return chain.pipeline

    def refused(
        self, engine: Engine, pipeline: Pipeline, result: Any, base: Path, folder: Path
    ) -> InferenceError:
        with pytest.raises(InferenceError) as caught:
            convert(pipeline, result, engine.catalog, base=base, values=folder / "values")
        return caught.value

    def test_nothing_is_trained(self, engine: Engine, base: Path, tmp_path: Path) -> None:
        chain = Chain()
        chain.people()
        result = engine.run(chain.pipeline, base=base)
        error = self.refused(engine, chain.pipeline, result, base, tmp_path)
        assert error.message == "There is no trained model in this pipeline."
        assert "Train Model" in error.hint

    def test_nothing_is_scored(self, engine: Engine, base: Path, tmp_path: Path) -> None:
        pipeline = edits.remove(self.trained(), ["score"])
        result = engine.run(pipeline, base=base)
        error = self.refused(engine, pipeline, result, base, tmp_path)
        assert error.message == "The model trained by “train” isn't used to score rows."

    def test_the_run_did_not_get_so_far(self, engine: Engine, base: Path, tmp_path: Path) -> None:
        pipeline = self.trained()
        result = engine.run(pipeline, base=base, to="split")
        error = self.refused(engine, pipeline, result, base, tmp_path)
        assert error.message == "The run has no result of “train”: the step isn't part of it."

    def test_a_failed_step(self, engine: Engine, base: Path, tmp_path: Path) -> None:
        pipeline = edits.set_parameter(self.trained(), "train", "label_column", ["no column"])
        result = engine.run(pipeline, base=base)
        error = self.refused(engine, pipeline, result, base, tmp_path)
        assert "the step failed" in error.message

    def test_results_that_are_gone(self, engine: Engine, base: Path, tmp_path: Path) -> None:
        pipeline = self.trained()
        result = engine.run(pipeline, base=base)
        node = result.nodes["train"]
        outputs = {
            port: replace(output, path=tmp_path / "gone") for port, output in node.outputs.items()
        }
        gone = replace(result, nodes={**result.nodes, "train": replace(node, outputs=outputs)})
        error = self.refused(engine, pipeline, gone, base, tmp_path)
        assert "no longer stored" in error.message

    def test_a_request_alone_has_no_columns(
        self, engine: Engine, base: Path, tmp_path: Path
    ) -> None:
        pipeline = self.trained()
        result = engine.run(pipeline, base=base)
        pipeline, ask = edits.add_node(pipeline, "web_service_input")
        links = [x for x in pipeline.links if x.target == Endpoint("score", "dataset")]
        pipeline = edits.disconnect(pipeline, links)
        pipeline = edits.connect(pipeline, Endpoint(ask, "dataset"), Endpoint("score", "dataset"))
        error = self.refused(engine, pipeline, result, base, tmp_path)
        assert "Connect a dataset to the same input" in error.hint

    def test_a_column_that_only_training_rows_get(
        self, engine: Engine, base: Path, tmp_path: Path
    ) -> None:
        chain = Chain()
        chain.add("t_sne", f"dataset={chain.people()}", name="map", iterations=250)
        chain.add(
            "edit_metadata",
            "dataset=map.mapped_dataset",
            name="use",
            columns=["t-SNE 1"],
            fields="feature",
        )
        chain.scored("two_class_logistic_regression", "use.results_dataset", "two-class", "label")
        result = engine.run(chain.pipeline, base=base)
        error = self.refused(engine, chain.pipeline, result, base, tmp_path)
        assert error.message == (
            "Scoring needs the column “t-SNE 1”, which t-SNE “map” adds to training rows but "
            "can't add to a request."
        )
        assert "Train without this column" in error.hint

    def test_not_an_inference_pipeline(self, engine: Engine, base: Path, tmp_path: Path) -> None:
        pipeline = self.trained()
        result = engine.run(pipeline, base=base)
        with pytest.raises(InferenceError, match="wasn't made from"):
            update(
                pipeline, pipeline, result, engine.catalog, base=base, values=tmp_path / "values"
            )


class TestWhatCanNotBeServed:
    @pytest.fixture
    def inference(self, engine: Engine, base: Path, tmp_path: Path) -> Pipeline:
        chain = Chain()
        chain.scored("two_class_logistic_regression", chain.people(), "two-class", "label")
        return Served(engine, chain.pipeline, base, tmp_path).inference.pipeline

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            (lambda p: edits.remove(p, ["web_service_input"]), "has no Web Service Input"),
            (lambda p: edits.remove(p, ["web_service_output"]), "has no Web Service Output"),
            (lambda p: edits.set_disabled(p, "score", True), "Nothing is connected"),
            (lambda p: edits.remove(p, ["train"]), "“Trained model” isn't connected"),
            (
                lambda p: edits.set_parameter(p, "train", "path", "nowhere"),
                "needs the folder “nowhere”",
            ),
            (lambda p: read_instead(p), "reads from outside"),
        ],
    )
    def test_it_is_said(
        self,
        inference: Pipeline,
        change: Callable[[Pipeline], Pipeline],
        words: str,
        catalog: Catalog,
        tmp_path: Path,
    ) -> None:
        with pytest.raises(ScoringError, match=words):
            write_scoring_folder(change(inference), catalog, tmp_path / "s", base=tmp_path)


def read_instead(pipeline: Pipeline) -> Pipeline:
    pipeline, node = edits.add_node(pipeline, "import_data", parameters={"url": "http://x/y.csv"})
    pipeline, join = edits.add_node(pipeline, "add_columns")
    link = next(x for x in pipeline.links if x.target == Endpoint("score", "dataset"))
    pipeline = edits.disconnect(
        pipeline, [each for each in pipeline.links if each.target == link.target]
    )
    pipeline = edits.connect(pipeline, link.source, Endpoint(join, "left_dataset"))
    pipeline = edits.connect(
        pipeline, Endpoint("web_service_input", "dataset"), Endpoint(join, "left_dataset")
    )
    pipeline = edits.connect(pipeline, Endpoint(node, "dataset"), Endpoint(join, "right_dataset"))
    return edits.connect(pipeline, Endpoint(join, "combined_dataset"), link.target)
