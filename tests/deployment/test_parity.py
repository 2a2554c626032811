"""Endpoints score as training does: every learner and transformation, with every setting.

Tables give the same to the bit; a compiled form differs by less than ``parity.TOLERANCE``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import parity
import pytest
from threadpoolctl import threadpool_limits

from designer.catalog import Catalog, load_catalog
from modules.contract import DataTable, ModuleError, ModuleSpec, RowForm, Serving
from modules.contract.value import Value
from modules.endpoint.http_error import HttpError
from modules.endpoint.service import Service
from modules.scoring import EVERYTHING, Scorer, check
from modules.values import TrainedModel, Transformation, UntrainedModel

pytestmark = pytest.mark.filterwarnings(
    "ignore::modules.contract.context.ModuleWarning",
    "ignore::RuntimeWarning",
    "ignore:.*converge.*",
)

CATALOG = load_catalog()
LEARNERS = parity.learners(CATALOG)
TRANSFORMATIONS = parity.transformations(CATALOG)
ROW_FORMS = parity.with_row_forms(CATALOG)

Fit = Callable[[ModuleSpec, dict[str, Any]], TrainedModel | Transformation]

OWN_LEARNER = """
from typing import Any

from modules.learning import learner

@learner("Bayesian Ridge", task="regression")
def bayesian_ridge(*, tolerance: float = 0.001) -> Any:
    '''Weigh the features.

    Parameters
    ----------
    tolerance : float
        When to stop.
    '''
    from sklearn.linear_model import BayesianRidge

    return BayesianRidge(tol=tolerance)
"""


OWN_ROW_FORM = """
from modules.contract import DataTable, RowForm, module

def later(age, years):
    return None if age is None else age + years

ONE = RowForm(
    lambda step: {{"years": {years}}},
    lambda form, folder: lambda row: row | {{"age": later(row["age"], form["years"])}},
)

@module("Older", outputs=("older",), row=ONE)
def older(dataset: DataTable) -> DataTable:
    '''Make everybody older.'''
    return dataset.with_frame(dataset.frame.assign(age=dataset.frame["age"] + 1))
"""


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    # Only the libraries that are there already are limited.
    import sklearn.ensemble  # noqa: F401

    with threadpool_limits(1):
        yield


ALL = slice(None)
DEFAULTS = slice(1)
CHOICES = slice(1, None)


def ids(spec: ModuleSpec) -> str:
    return spec.id


def each_of(specs: Iterable[ModuleSpec], share: int = 1) -> pytest.MarkDecorator:
    """Try one module in ``share`` with its defaults, and in CI all with every choice."""
    cells = [
        pytest.param(spec, DEFAULTS, id=spec.id, marks=pytest.mark.long if number % share else ())
        for number, spec in enumerate(specs)
    ]
    cells += [
        pytest.param(spec, CHOICES, id=f"{spec.id}-choices", marks=pytest.mark.long)
        for spec in specs
        if any(parameter.kind in ("choice", "choices", "boolean") for parameter in spec.parameters)
    ]
    return pytest.mark.parametrize(("spec", "which"), cells)


def assert_parity(
    spec: ModuleSpec, fit: Fit, catalog: Catalog, folder: Path, which: slice = ALL
) -> None:
    """Try a module with those of its settings that the example rows allow."""
    rows = parity.requests()
    table = parity.table_of_requests(rows)
    tried = 0
    for number, parameters in list(enumerate(parity.settings(spec, folder)))[which]:
        try:
            value = fit(spec, parameters)
            module = parity.applier(value, catalog)
            inputs = parity.fitted_inputs(value, module)
            expected = parity.as_in_training(module, inputs, {}, table)
        except ModuleError:
            assert number, "the defaults have to work"
            continue
        place = folder / str(number)
        prepared = parity.scoring_folder(module, inputs, {}, catalog, place)
        scoring = place / "scoring"
        body = json.dumps({"Inputs": {"input1": rows}}).encode()
        by_tables = Service(scoring, EVERYTHING)
        by_tables.scorer = Scorer(scoring, compiled=False, allowed=EVERYTHING)
        found = json.loads(by_tables.answer(body))["Results"]["output1"]
        assert parity.difference(found, expected) == "", parameters
        tried += 1
        if not prepared.compiled:
            assert prepared.reasons
            continue
        service = Service(scoring, EVERYTHING)
        assert service.compiled
        together = json.loads(service.answer(body))["Results"]["output1"]
        alone = [json.loads(service.answer(json.dumps([row]).encode()).decode()) for row in rows]
        turned = [{name: values[0] for name, values in each.items()} for each in alone]
        assert parity.difference(together, expected, parity.TOLERANCE) == "", parameters
        assert turned == together
    assert tried or which is CHOICES


def assert_row_form(spec: ModuleSpec, catalog: Catalog, folder: Path, which: slice = ALL) -> None:
    """Compare a module's form for one row with the module itself, with some of its settings."""
    assert isinstance(spec.row, RowForm)
    inputs: dict[str, Value] = {}
    for port in spec.inputs:
        if port.name in spec.row.fixed:
            inputs[port.name] = parity.lookup()
        elif not any(issubclass(kind, DataTable) for kind in port.types):
            inputs[port.name] = parity.value_for(spec, port, catalog)
    folder.mkdir(exist_ok=True)
    rows = parity.requests()
    table = parity.table_of_requests(rows)
    compiled = 0
    for number, parameters in list(enumerate(parity.settings(spec, folder)))[which]:
        try:
            expected = parity.as_in_training(spec, inputs, parameters, table)
            prepared = parity.scoring_folder(
                spec, inputs, parameters, catalog, folder / str(number)
            )
        except ModuleError:
            assert number, "the defaults have to work"
            continue
        scorer = Scorer(folder / str(number) / "scoring", allowed=EVERYTHING)
        request = dict.fromkeys(scorer.inputs, rows)
        (found,) = scorer.score(request).values()
        assert parity.difference(found, expected, parity.TOLERANCE) == "", parameters
        if prepared.compiled:
            assert check(scorer, request) == []
            compiled += 1
        else:
            assert ": " in prepared.reasons[0]
    assert compiled or which is CHOICES


# Those of make test convert every kind of estimator: tests/modules/learning/test_compiled.py.
@each_of(LEARNERS, 5)
def test_every_learner(spec: ModuleSpec, which: slice, tmp_path: Path) -> None:
    assert_parity(spec, parity.trained, CATALOG, tmp_path, which)


@each_of(TRANSFORMATIONS)
def test_every_transformation(spec: ModuleSpec, which: slice, tmp_path: Path) -> None:
    assert_parity(spec, parity.learnt, CATALOG, tmp_path, which)


@each_of(ROW_FORMS)
def test_every_row_form(spec: ModuleSpec, which: slice, tmp_path: Path) -> None:
    assert_row_form(spec, CATALOG, tmp_path, which)


@pytest.mark.parametrize("spec", CATALOG.values(), ids=ids)
def test_every_module_that_is_served_says_how_it_works_on_a_row(spec: ModuleSpec) -> None:
    tables = [any(issubclass(kind, DataTable) for kind in p.types) for p in spec.inputs]
    if spec.when_serving in (Serving.KEEP, Serving.MERGES_ROWS) and any(tables) and spec.outputs:
        assert spec.row is not None
    assert not isinstance(spec.row, str) or not spec.row.endswith(".")


def test_a_module_that_joins_the_catalogue_is_tried_too(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "bayesian_ridge.py").write_text(OWN_LEARNER)
    catalog = load_catalog(own)

    (joined,) = [spec for spec in parity.learners(catalog) if spec.id not in CATALOG]

    assert joined.id == "bayesian_ridge"
    assert_parity(joined, parity.trained, catalog, tmp_path)


def test_a_row_form_that_joins_the_catalogue_is_tried_too(tmp_path: Path) -> None:
    """A wrong one is found, since it is compared with the table."""
    own = tmp_path / "own"
    own.mkdir()
    (own / "older.py").write_text(OWN_ROW_FORM.format(years=1))
    (own / "much_older.py").write_text(OWN_ROW_FORM.format(years=2))
    catalog = load_catalog(own)

    sound, wrong = (catalog[name] for name in ("older", "much_older"))

    assert {spec.id for spec in parity.with_row_forms(catalog)} - CATALOG.keys() == {
        "older",
        "much_older",
    }
    assert_row_form(sound, catalog, tmp_path / "sound")
    prepared = parity.scoring_folder(wrong, {}, {}, catalog, tmp_path / "wrong")
    assert not prepared.compiled
    assert "“age”" in prepared.reasons[0]


def test_the_lists_hold_the_whole_catalogue() -> None:
    """Every category of learners has one in the list, and every transformation is applied."""
    categories = {spec.category_title for spec in CATALOG.values()}
    listed = {spec.category_title for spec in LEARNERS}
    assert {"Classification", "Clustering", "Regression"} <= listed <= categories
    # Those that choose features by a learner need one; they have tests of their own.
    outputs = [
        port
        for spec in CATALOG.values()
        for port in spec.outputs
        if not any(UntrainedModel in each.types for each in spec.inputs)
    ]
    giving = [port for port in outputs if Transformation in port.types]
    # Saved Transformation gives one that another module has learnt.
    assert len(TRANSFORMATIONS) == len(giving) - 1


def test_both_ways_refuse_the_same(tmp_path: Path) -> None:
    model = parity.trained(CATALOG["two_class_logistic_regression"], {})
    module = parity.applier(model, CATALOG)
    inputs = parity.fitted_inputs(model, module)
    assert parity.scoring_folder(module, inputs, {}, CATALOG, tmp_path).compiled
    row = parity.requests()[-1]
    services = [Service(tmp_path / "scoring"), Service(tmp_path / "scoring")]
    services[1].scorer = Scorer(tmp_path / "scoring", compiled=False)

    for name, value in parity.refused():
        for service in services:
            with pytest.raises(HttpError) as caught:
                service.answer(json.dumps([row | {name: value}]).encode())
            assert (caught.value.status, caught.value.code) == (422, "wrong-type")
            assert caught.value.column == name
