"""What intruders and careless callers send to a running endpoint.

Every case ends in an answer of ours, in JSON, that is no fault of the endpoint's; then the next
request is served.
"""

from __future__ import annotations

import contextlib
import json
import socket
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from raw_http import KEY, endpoint, exchange, post, row_with
from serving_examples import Trained, azure_request, refusal, same_scores

from designer.deployment import processes
from designer.deployment.deploying import Packed
from designer.deployment.target import DeployResult
from modules.endpoint.service import encode


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("impatient") / "logs"


@pytest.fixture(scope="module")
def impatient(packed: Packed, logs: Path) -> Iterator[processes.Process]:
    """Return an endpoint that waits a second and takes 20 requests at once."""
    options = ("--patience", "1", "--connections", "20")
    with endpoint(packed.package.folder, logs.parent, *options) as process:
        yield process


@pytest.fixture
def port(impatient: processes.Process) -> Iterator[int]:
    """Return the endpoint's port; after the test it serves as if nothing had been."""
    yield impatient.port
    (answer,) = exchange(impatient.port, post(b"[]"))
    assert (answer.status, answer.error["code"]) == (400, "no-rows")
    assert psutil.Process(impatient.pid).memory_info().rss < 300_000_000


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("price", "NaN", "doesn't have a value"),
        ("price", "Infinity", "not infinity"),
        ("price", "-Infinity", "not infinity"),
        ("price", "1e999", "not infinity"),
        ("price", "1" + "0" * 400, "must be a number"),
        ("age", "1e999", "not infinity"),
        ("age", str(2**63), "must be an integer"),
        ("age", "[[[[1]]]]", "not a list"),
        ("age", '{"$ref": "#"}', "not an object"),
        ("town", '"Os\\u0000lo"', "is unknown"),
        ("town", '"\\ud800"', "must be a text"),
        ("town", '"' + "x" * 1_000_000 + '"', "is unknown"),
        ("__proto__", '{"polluted": true}', "“__proto__” doesn't exist"),
        ("constructor", "1", "doesn't exist"),
        ("__class__", '"x"', "doesn't exist"),
        ("age\\n2026-01-01 INFO", "1", "doesn't exist"),
        ("k" * 1_000_000, "1", "doesn't exist"),
    ],
)
def test_values_that_no_column_takes_are_named(port: int, name: str, text: str, words: str) -> None:
    (answer,) = exchange(port, post(row_with(name, text)))

    assert answer.status == 422
    assert words in answer.error["message"]
    assert answer.error["column"][:9] == json.loads(f'"{name}"')[:9]
    assert len(answer.body) < 1_000


@pytest.mark.parametrize(
    ("body", "column"),
    [
        (b'[{"age": 1, "price": 1, "age": 2}]', "age"),
        (b'{"Inputs": {"input1": [{"town": "Oslo", "town": "Oslo"}]}}', "town"),
        (b'{"Inputs": {"input1": []}, "Inputs": {}}', None),
    ],
)
def test_what_is_said_twice_is_refused(port: int, body: bytes, column: str | None) -> None:
    (answer,) = exchange(port, post(body))

    assert (answer.status, answer.error["code"]) == (400, "name-twice")
    assert answer.error.get("column") == column


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(post(b"[]", b"Content-Length: 3"), id="two lengths"),
        pytest.param(post(b"[]", b"Content-Length: -2", length=False), id="negative length"),
        pytest.param(post(b"[]", b"Content-Length: 2x", length=False), id="length is no number"),
        pytest.param(post(b"[]", b"Content-Length: 1" + b"0" * 40, length=False), id="huge length"),
        pytest.param(
            post(b"0\r\n\r\n", b"Transfer-Encoding: chunked"), id="length and chunks: smuggling"
        ),
        pytest.param(
            post(b"zz\r\n[]", b"Transfer-Encoding: chunked", length=False), id="size is no number"
        ),
        pytest.param(
            post(b"1\r\n[]]]\r\n0\r\n\r\n", b"Transfer-Encoding: chunked", length=False),
            id="chunk longer than it says",
        ),
        pytest.param(
            post(b"F" * 20 + b"\r\n[]", b"Transfer-Encoding: chunked", length=False),
            id="chunk of many exabytes",
        ),
        pytest.param(post(b"[]", b"Transfer-Encoding: gzip", length=False), id="unknown encoding"),
        pytest.param(post(b"[]", b"X: a\x00b"), id="zero byte in a header"),
        pytest.param(post(b"[]", b"X Y: 1"), id="space in a header's name"),
        pytest.param(post(b"", method=b"SCORE"), id="method of his own"),
        pytest.param(post(b"", method=b"CONNECT", path=b"elsewhere:443"), id="proxy"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", id="HTTP/2"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", id="TLS"),
        pytest.param(b"GET\r\n\r\n", id="no address"),
        pytest.param(b"POST /score HTTP/9\r\n\r\n", id="version of his own"),
    ],
)
def test_what_is_no_http_is_refused(port: int, data: bytes) -> None:
    (answer,) = exchange(port, data)

    assert (answer.status, answer.error["code"]) == (400, "not-http")


def test_a_chunk_that_never_ends_gets_a_time_limit(port: int) -> None:
    data = post(b"ffff\r\n[", b"Transfer-Encoding: chunked", length=False)

    (answer,) = exchange(port, data)

    assert (answer.status, answer.error["code"]) == (408, "too-slow")


def test_a_caller_that_hangs_up_within_the_body_gets_nothing(port: int) -> None:
    data = post(b"[", b"Content-Length: 100", length=False)

    assert exchange(port, data, hang_up=True) == []


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(post(b"[]", b"X: " + b"x" * 20_000_000), id="long header"),
        pytest.param(post(b"[]", *[b"X-%d: 1" % i for i in range(200_000)]), id="many headers"),
    ],
)
def test_headers_are_bounded(port: int, data: bytes) -> None:
    answers = exchange(port, data)

    # Where it still sends when the answer comes, the caller may not get to read it.
    assert [(each.status, each.error["code"]) for each in answers] in (
        [(431, "head-too-large")],
        [],
    )


def test_requests_in_one_go_are_answered_in_their_order(port: int) -> None:
    bodies = [b"x", row_with("age", "50"), b"[]", row_with("age", "null"), row_with("age", "20")]
    data = b"".join(post(body, close=place == 4) for place, body in enumerate(bodies))

    answers = exchange(port, data)

    assert [answer.status for answer in answers] == [400, 200, 400, 422, 200]
    first, second = (json.loads(answers[place].body)["Scored Probabilities"] for place in (1, 4))
    assert first != second


def test_the_bytes_behind_a_body_are_no_part_of_it(port: int) -> None:
    answers = exchange(port, post(row_with("age", "50"), close=False) + b"TAIL\r\n\r\n")

    assert [answer.status for answer in answers] in ([200, 400], [400])
    assert answers[-1].error["code"] == "not-http"


@pytest.mark.parametrize(
    "path",
    [
        b"/../../etc/passwd",
        b"/%2e%2e/%2e%2e/etc/passwd",
        b"/score/../../keys.json",
        b"//score",
        b"/score%00",
        b"/%ff%fe%zz",
        b"/score/",
        b"/model/scoring.json",
        b"/MANIFEST.json",
    ],
)
def test_addresses_lead_to_no_file(port: int, path: bytes) -> None:
    for method in (b"GET", b"POST"):
        (answer,) = exchange(port, post(b"", method=method, path=path))
        assert (answer.status, answer.error["code"]) == (404, "no-such-address")


@pytest.mark.parametrize("name", ["age", "price", "town", "member"])
def test_numbers_as_text_and_text_as_numbers_are_told(port: int, name: str) -> None:
    text = "12" if name == "town" else '"12"'

    (answer,) = exchange(port, post(row_with(name, text)))

    assert (answer.status, answer.error["code"]) == (422, "wrong-type")
    assert answer.error["column"] == name


def test_a_score_that_is_no_number_is_null() -> None:
    assert encode({"a": [float("inf"), -float("inf"), float("nan"), 1.5]}) == (
        b'{"a":[null,null,null,1.5]}'
    )


def test_log_lines_can_not_be_forged(port: int, logs: Path) -> None:
    exchange(port, post(row_with("a\\r\\n2026 ERROR forged", "1")))

    lines = [line for path in logs.glob("*") for line in path.read_text().splitlines()]
    assert any("in column “a\\r\\n2026 ERROR forged”" in line for line in lines)
    assert not any(line.startswith("2026 ERROR") for line in lines)


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
    deployed: DeployResult, trained: Trained, header: str | None
) -> None:
    headers = {} if header is None else {"Authorization": header.format(key=deployed.key)}

    answer = httpx.post(
        deployed.url, json=azure_request(trained.rows[0]), headers=headers, trust_env=False
    )

    error = refusal(answer, 401)
    assert error["code"] == ("no-key" if header is None else "wrong-key")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert deployed.key not in answer.text


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_do_nothing(client: httpx.Client, method: str) -> None:
    answer = client.request(method, "/score")

    refusal(answer, 405)
    assert answer.headers["allow"] == "POST"


def test_other_addresses_are_not_there(client: httpx.Client) -> None:
    refusal(client.get("/../../etc/passwd"), 404)
    refusal(client.post("/score/"), 404)
    refusal(client.post("/health"), 405)


UNFINISHED = post(b"", b"Content-Length: 500", length=False)


@pytest.mark.parametrize(
    "data", [b"", b"POST /sco", UNFINISHED.removesuffix(b"\r\n"), UNFINISHED + b'{"Inputs"']
)
def test_a_slow_sender_gets_a_time_limit(port: int, data: bytes) -> None:
    (answer,) = exchange(port, data)

    assert (answer.status, answer.error["code"]) == (408, "too-slow")


def test_a_request_beside_too_many_others_is_told_to_come_back(
    impatient: processes.Process,
) -> None:
    headers = {"Authorization": "Bearer a-key-of-tests"}
    with contextlib.ExitStack() as stack:
        for _ in range(20):
            other = stack.enter_context(
                contextlib.closing(socket.create_connection((impatient.host, impatient.port)))
            )
            other.sendall(UNFINISHED)
        answer = httpx.post(
            impatient.url, content=b"[]", headers=headers, trust_env=False, timeout=60
        )

    assert refusal(answer, 503)["code"] == "busy"
    assert answer.headers["retry-after"] == "1"


def test_five_hundred_callers_at_once_are_all_answered(
    deployed: DeployResult, trained: Trained
) -> None:
    address = urllib.parse.urlsplit(deployed.url)
    body = json.dumps(azure_request(trained.rows[0])).encode()
    data = post(body).replace(KEY, deployed.key.encode())
    with contextlib.ExitStack() as stack:
        callers = [
            stack.enter_context(socket.create_connection((address.hostname, address.port)))
            for _ in range(500)
        ]
        for caller in callers:
            caller.sendall(data)
        answers = []
        for caller in callers:
            caller.settimeout(30)
            found = b""
            while part := caller.recv(65536):
                found += part
            answers.append(found)

    assert {answer[:12] for answer in answers} == {b"HTTP/1.1 200"}
    rows = [
        json.loads(answer.partition(b"\r\n\r\n")[2])["Results"]["output1"] for answer in answers
    ]
    assert all(same_scores(each, trained.expected[:1]) for each in rows)
