"""Requests to a running endpoint, as callers and intruders send them."""

from __future__ import annotations

import urllib.parse
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from serving_examples import LABEL, Trained, azure_request, changed, refusal, same_scores

from designer.deployment import Endpoints
from designer.deployment.target import DeployResult


def test_a_request_of_azures_client_is_answered_with_the_pipelines_scores(
    client: httpx.Client, trained: Trained
) -> None:
    answer = client.post("/score", json=azure_request(*trained.rows))

    assert answer.status_code == 200
    rows = answer.json()["Results"]["output1"]
    assert same_scores(rows, trained.expected)


def test_one_row_at_a_time_gives_the_same(client: httpx.Client, trained: Trained) -> None:
    found = [
        client.post("/score", json=azure_request(row)).json()["Results"]["output1"][0]
        for row in trained.rows[:10]
    ]

    assert same_scores(found, trained.expected[:10])


def test_the_address_and_names_of_older_endpoints_work(
    client: httpx.Client, trained: Trained
) -> None:
    request = azure_request(trained.rows[0], name="WebServiceInput0")

    answer = client.post("/api/v1/service/people/score", json=request)

    assert same_scores(answer.json()["Results"]["WebServiceOutput0"], trained.expected[:1])


def test_every_other_form_gives_the_same_scores(client: httpx.Client, trained: Trained) -> None:
    rows = trained.rows[:3]
    names = list(rows[0])
    split = {"columns": names, "data": [[row[name] for name in names] for row in rows]}

    def ask(document: object) -> Any:
        answer = client.post("/score", json=document)
        assert answer.status_code == 200, answer.text
        return answer.json()

    columns = ask(rows)
    assert columns["Scored Labels"] == [row["Scored Labels"] for row in trained.expected[:3]]
    assert same_scores(ask({"data": rows})["result"], trained.expected[:3])
    assert same_scores(
        ask({"data": split["data"], "columns": names})["result"], trained.expected[:3]
    )
    assert same_scores(ask({"dataframe_split": split})["predictions"], trained.expected[:3])
    assert same_scores(ask({"dataframe_records": rows})["predictions"], trained.expected[:3])


def test_the_label_is_not_asked_for(client: httpx.Client, trained: Trained) -> None:
    assert LABEL not in trained.rows[0]
    with_label = azure_request(changed(trained.rows[0], **{LABEL: "low"}))

    assert client.post("/score", json=with_label).status_code == 200


def test_columns_that_do_not_fit_are_named(client: httpx.Client, trained: Trained) -> None:
    row = trained.rows[0]
    missing = {key: value for key, value in row.items() if key != "price"}
    misspelt = {**missing, "prise": 1.0}

    def ask(*rows: dict[str, Any]) -> dict[str, Any]:
        return refusal(client.post("/score", json=azure_request(*rows)), 422)

    assert ask(missing)["column"] == "price"
    assert ask(misspelt)["column"] == "prise"
    assert "price" in ask(misspelt)["hint"]
    assert ask(changed(row, colour="red"))["column"] == "colour"
    assert ask(changed(row, price="12.5"))["column"] == "price"
    assert "without quotes" in ask(changed(row, price="12.5"))["hint"]
    assert ask(changed(row, age=41.5))["column"] == "age"
    assert ask(changed(row, age=True))["column"] == "age"
    assert ask(changed(row, age=None))["column"] == "age"
    assert ask(changed(row, member="yes"))["column"] == "member"
    assert ask(changed(row, price={"deep": [1]}))["column"] == "price"
    unseen = ask(changed(row, town="Osslo"))
    assert unseen["column"] == "town"
    assert "Oslo" in unseen["hint"]
    assert ask(row, changed(row, age="old"))["message"].startswith("Row 2:")


def test_both_keys_open(deployed: DeployResult, trained: Trained) -> None:
    keys = Endpoints(trained.workspace).keys("people")
    assert keys.primary == deployed.key
    for key in (keys.primary, keys.secondary):
        answer = httpx.post(
            deployed.url,
            json=azure_request(trained.rows[0]),
            headers={"authorization": f"bearer {key}"},
            trust_env=False,
        )
        assert answer.status_code == 200


def test_health_needs_no_key(deployed: DeployResult) -> None:
    answer = httpx.get(deployed.url.replace("/score", "/health"), trust_env=False, timeout=60)

    content = answer.json()
    assert (content["status"], content["name"], content["version"]) == ("healthy", "people", "1")
    assert content["compiled"] is True


def test_openapi_describes_requests_that_the_endpoint_takes(
    client: httpx.Client, trained: Trained
) -> None:
    document = client.get("/openapi.json").json()
    schema = {**document["components"]["schemas"]["Row_input1"]}
    row = trained.rows[0]

    jsonschema.validate(row, schema)
    for wrong in (changed(row, town="Osslo"), changed(row, age="x"), changed(row, more=1)):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)
        refusal(client.post("/score", json=azure_request(wrong)), 422)
    example = document["components"]["schemas"]["Request"]["example"]
    assert client.post("/score", json=example).status_code == 200
    assert client.get("/swagger.json").json()["swagger"] == "2.0"
    assert client.get("/swagger.json?version=3").json() == document


def test_metrics_count_requests_and_errors(client: httpx.Client, trained: Trained) -> None:
    before = client.get("/metrics", headers={"Accept": "application/json"}).json()
    for _ in range(5):
        client.post("/score", json=azure_request(trained.rows[0]))
    client.post("/score", content=b"x")
    after = client.get("/metrics?format=json").json()
    text = client.get("/metrics").text

    assert after["requests"] - before["requests"] == 6
    assert after["errors"] - before["errors"] == 1
    assert after["server_errors"] == 0
    assert 0 < after["latency_ms"]["p50"] <= after["latency_ms"]["p99"]
    assert f'status="200"}} {after["statuses"]["200"]}\n' in text
    assert "endpoint_latency_seconds_count{" in text


def test_eight_callers_at_once_get_their_own_answers(
    deployed: DeployResult, trained: Trained
) -> None:
    headers = {"Authorization": f"Bearer {deployed.key}"}

    def ask(offset: int) -> bool:
        with httpx.Client(headers=headers, trust_env=False, timeout=60) as client:
            places = [(offset + step) % len(trained.rows) for step in range(25)]
            found = [
                client.post(deployed.url, json=azure_request(trained.rows[place])).json()
                for place in places
            ]
        rows = [each["Results"]["output1"][0] for each in found]
        return same_scores(rows, [trained.expected[place] for place in places])

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(0, 56, 7)))


def test_a_large_request_does_not_hold_up_the_others(
    client: httpx.Client, trained: Trained
) -> None:
    large = (trained.rows * 60)[:3000]

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(client.post, "/score", json=azure_request(*large))
        assert (
            httpx.get(str(client.base_url.join("/health")), trust_env=False, timeout=60).status_code
            == 200
        )
        rows = answer.result().json()["Results"]["output1"]

    assert same_scores(rows[: len(trained.rows)], trained.expected)
    assert len(rows) == 3000


def test_only_this_computer_is_listened_to(deployed: DeployResult) -> None:
    port = urllib.parse.urlsplit(deployed.url).port
    listening = [
        Path(f"/proc/net/{name}").read_text().splitlines()
        for name in ("tcp", "tcp6")
        if Path(f"/proc/net/{name}").exists()
    ]
    local = [
        line.split()[1] for lines in listening for line in lines[1:] if line.split()[3] == "0A"
    ]
    mine = [address for address in local if address.endswith(f":{port:04X}")]
    if listening:
        assert mine == [f"0100007F:{port:04X}"]
