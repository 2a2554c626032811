"""Requests to a running endpoint, as callers and intruders send them."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
import urllib.parse
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from serving_examples import LABEL, Trained, azure_request, same_scores

from designer.serving import Endpoints, processes
from designer.serving.deploying import Deployment, Packed


def refusal(response: httpx.Response, status: int) -> dict[str, Any]:
    """Return the error of an answer, which is never a stack trace."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    assert "Traceback" not in response.text
    error = response.json()["error"]
    assert error["code"]
    assert error["message"]
    return error


def changed(row: dict[str, Any], **values: Any) -> dict[str, Any]:
    return {**row, **values}


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


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "no-body"),
        (b"  \n", "no-body"),
        (b"{not json", "not-json"),
        (b"\xff\xfe\x00", "not-json"),
        (b"9" * 5000, "not-json"),
        (b"[" * 100_000, "too-deep"),
        (b'{"Inputs": ' * 50_000, "too-deep"),
        (b"[" * 900 + b"]" * 900, "not-a-row"),
        (b"null", "form-unknown"),
        (b'"text"', "form-unknown"),
        (b"12", "form-unknown"),
        (b"{}", "form-unknown"),
        (b'{"inputs": {}}', "form-unknown"),
        (b"[]", "no-rows"),
        (b"[1, 2]", "not-a-row"),
        (b'{"Inputs": {"input1": []}}', "no-rows"),
        (b'{"Inputs": {}}', "input-missing"),
        (b'{"Inputs": [1]}', "not-inputs"),
        (b'{"Inputs": {"input1": "text"}}', "not-rows"),
        (b'{"Inputs": {"input1": {"age": 1}}}', "not-rows"),
        (b'{"Inputs": {"input9": []}}', "input-unknown"),
        (b'{"Inputs": {"input1": []}, "GlobalParameters": 3}', "not-parameters"),
        (b'{"Inputs": {"input1": [{}]}, "GlobalParameters": {"x": 1}}', "parameter-unknown"),
        (b'{"Inputs": {}, "GlobalParameter": {}}', "field-unknown"),
        (b'{"data": [[1, 2]]}', "columns-unknown"),
        (b'{"data": [[1, 2]], "columns": ["age"]}', "not-a-row"),
        (b'{"data": [[1, 2]], "columns": ["age", "age"]}', "column-twice"),
        (b'{"dataframe_split": []}', "not-a-frame"),
        (b'{"dataframe_split": {"data": []}}', "columns-unknown"),
    ],
)
def test_what_is_no_request_is_refused(client: httpx.Client, body: bytes, code: str) -> None:
    error = refusal(client.post("/score", content=body), 400)

    assert error["code"] == code


def test_half_a_surrogate_pair_comes_back_as_json(client: httpx.Client) -> None:
    error = refusal(client.post("/score", content=b'{"\\ud800": 1}'), 400)
    assert error["code"] == "form-unknown"

    body = b'[{"age": 1, "price": 1, "town": "\\ud800", "member": true}]'
    assert refusal(client.post("/score", content=body), 422)["column"] == "town"


def test_a_body_of_100_megabytes_is_refused_and_the_next_request_served(
    client: httpx.Client, trained: Trained
) -> None:
    assert refusal(client.post("/score", content=bytes(100_000_000)), 413)["code"] == "too-large"

    def chunks() -> Iterator[bytes]:
        for _ in range(40):
            yield bytes(1_000_000)

    assert refusal(client.post("/score", content=chunks()), 413)["code"] == "too-large"
    assert client.post("/score", json=azure_request(trained.rows[0])).status_code == 200


def test_compressed_bodies_are_refused(client: httpx.Client) -> None:
    answer = client.post("/score", content=b"x", headers={"Content-Encoding": "gzip"})

    assert refusal(answer, 415)["code"] == "encoding-unknown"


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer wrong", "Basic {key}", "{key}", "Bearer {key}x"],
)
def test_without_the_key_nothing_is_scored(
    deployed: Deployment, trained: Trained, header: str | None
) -> None:
    headers = {} if header is None else {"Authorization": header.format(key=deployed.key)}

    answer = httpx.post(
        deployed.url, json=azure_request(trained.rows[0]), headers=headers, trust_env=False
    )

    error = refusal(answer, 401)
    assert error["code"] == ("no-key" if header is None else "wrong-key")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert deployed.key not in answer.text


def test_both_keys_open(deployed: Deployment, trained: Trained) -> None:
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


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_do_nothing(client: httpx.Client, method: str) -> None:
    answer = client.request(method, "/score")

    refusal(answer, 405)
    assert answer.headers["allow"] == "POST"


def test_other_addresses_are_not_there(client: httpx.Client) -> None:
    refusal(client.get("/../../etc/passwd"), 404)
    refusal(client.post("/score/"), 404)
    refusal(client.post("/health"), 405)


def test_health_needs_no_key(deployed: Deployment) -> None:
    answer = httpx.get(deployed.url.replace("/score", "/health"), trust_env=False)

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
    deployed: Deployment, trained: Trained
) -> None:
    headers = {"Authorization": f"Bearer {deployed.key}"}

    def ask(offset: int) -> bool:
        with httpx.Client(headers=headers, trust_env=False, timeout=30) as client:
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
        assert httpx.get(str(client.base_url.join("/health")), trust_env=False).status_code == 200
        rows = answer.result().json()["Results"]["output1"]

    assert same_scores(rows[: len(trained.rows)], trained.expected)
    assert len(rows) == 3000


@pytest.fixture(scope="module")
def impatient(
    packed: Packed, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[processes.Process]:
    """Return an endpoint that waits a second and takes 20 connections."""
    folder = tmp_path_factory.mktemp("impatient")
    keys = folder / "keys.json"
    keys.touch(0o600)
    keys.write_text(json.dumps({"primary": "a-key-of-tests"}))
    port = free_port()
    process = processes.start(
        packed.package.folder,
        name="impatient",
        version=1,
        port=port,
        key_file=keys,
        logs=folder / "logs",
        options=["--patience", "1", "--connections", "20"],
    )
    assert process is not None
    yield process
    process.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def raw(process: processes.Process, data: bytes) -> bytes:
    """Send bytes and return all that comes back until the other side hangs up."""
    with socket.create_connection((process.host, process.port), timeout=10) as connection:
        connection.sendall(data)
        found = b""
        with contextlib.suppress(ConnectionError):
            while part := connection.recv(65536):
                found += part
        return found


HEAD = (
    b"POST /score HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a-key-of-tests\r\n"
    b"Content-Length: 500\r\n"
)


@pytest.mark.parametrize("data", [b"", b"POST /sco", HEAD, HEAD + b'\r\n{"Inputs"'])
def test_a_slow_sender_gets_a_time_limit(impatient: processes.Process, data: bytes) -> None:
    started = time.monotonic()

    answer = raw(impatient, data)

    assert time.monotonic() - started < 5
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["code"] == "too-slow"


@pytest.mark.parametrize(
    "data",
    [b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", b"GET\r\n\r\n", b"POST /score HTTP/9\r\n\r\n"],
)
def test_what_is_no_http_is_refused(impatient: processes.Process, data: bytes) -> None:
    answer = raw(impatient, data)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"Traceback" not in answer


def test_a_request_beside_too_many_connections_is_told_to_come_back(
    impatient: processes.Process,
) -> None:
    headers = {"Authorization": "Bearer a-key-of-tests"}
    with contextlib.ExitStack() as stack:
        for _ in range(30):
            stack.enter_context(
                contextlib.closing(socket.create_connection((impatient.host, impatient.port)))
            )
        answer = httpx.post(impatient.url, content=b"[]", headers=headers, trust_env=False)

    assert refusal(answer, 503)["code"] == "busy"
    assert answer.headers["retry-after"] == "1"


def test_many_connections_are_bounded(impatient: processes.Process) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(60):
            stack.enter_context(
                contextlib.closing(socket.create_connection((impatient.host, impatient.port)))
            )
        ended = threading.Event()
        while not ended.wait(0.05):
            # Those that are idle are let go after a second, and all others served again.
            with contextlib.suppress(OSError, httpx.HTTPError):
                if impatient.is_ready():
                    ended.set()
    headers = {"Authorization": "Bearer a-key-of-tests"}
    answer = httpx.post(impatient.url, content=b"[]", headers=headers, trust_env=False)
    assert refusal(answer, 400)["code"] == "no-rows"


def test_only_this_computer_is_listened_to(deployed: Deployment) -> None:
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
