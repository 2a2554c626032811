"""Endpoints that explain: contributions in the response, by choice."""

from __future__ import annotations

import math

import pytest
from serving_examples import Trained, azure_request, same_scores

from designer.catalog import load_catalog
from designer.deployment.deploying import Packed, pack
from designer.inference.draft import InferenceError
from designer.inference.explaining import with_explanations
from designer.pipeline.model import Pipeline
from modules.endpoint.server import load_package


@pytest.fixture(scope="module")
def explained(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Packed:
    folder = tmp_path_factory.mktemp("explained") / "package"
    return pack(trained.workspace, trained.file, folder, "people", explain=True)


def responses(packed: Packed, trained: Trained) -> list[dict[str, object]]:
    service = load_package(packed.package.folder)
    return service.answer_document(azure_request(*trained.rows))["Results"]["output1"]


def test_contributions_in_the_response_add_up_to_the_probability(
    explained: Packed, packed: Packed, trained: Trained
) -> None:
    found, plain = responses(explained, trained), responses(packed, trained)
    for row, bare in zip(found, plain, strict=True):
        assert same_scores([row], [bare])
        parts = [value for name, value in row.items() if name.startswith("Contribution of ")]
        total = row["Base Value"] + sum(parts)
        chance = row["Scored Probabilities"]
        assert total == pytest.approx(math.log(chance / (1 - chance)), abs=1e-6)
        assert row["Main Reasons"]


def test_without_the_choice_a_package_is_compiled_and_explains_nothing(
    packed: Packed, trained: Trained
) -> None:
    assert packed.package.compiled
    assert not any("Contribution" in name for row in responses(packed, trained) for name in row)


def test_a_pipeline_without_score_model_cant_be_explained() -> None:
    with pytest.raises(InferenceError, match="No step scores rows"):
        with_explanations(Pipeline(), load_catalog())
