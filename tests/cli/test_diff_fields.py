"""``designer diff`` of what only a person, or another program, wrote into a file."""

from __future__ import annotations

import json

from designer import paths
from designer.pipeline import file


def test_fields_and_links_that_differ_are_named(designer, small, tmp_path):
    _, first = small
    document = json.loads(first.read_text("utf-8"))
    document |= {"owner": "me", "ticket": 7}
    document["links"][0]["color"] = "red"
    other = tmp_path / "other.pipeline.json"
    other.write_text(json.dumps(document), "utf-8")
    lines = [line.strip() for line in designer("diff", first, other).stdout.splitlines()]
    assert lines == [
        "~ field owner",
        'nothing → "me"',
        "~ field ticket",
        "nothing → 7",
        "~ link dataset.dataset → split_data.dataset",
        'color: nothing → "red"',
    ]
    found = json.loads(designer("diff", first, other, "--json").stdout)
    assert found["fields"] == {
        "owner": {"after": "me"},
        "ticket": {"after": 7},
    }


def test_two_samples_differ_in_nothing_unknown(designer):
    folder = paths.samples()
    names = ("automobile_price", "automobile_price_compare")
    result = designer("diff", *(folder / f"{name}{file.SUFFIX}" for name in names))
    assert result.exit_code == 0
    assert "~ field" not in result.stdout
    assert "title" not in result.stdout
