"""Import Data from addresses at which there is no table: what is said of them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from modules.data_input_output.import_data import import_data


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def answering() -> Iterator[Callable[[bytes], str]]:
    """Serve bytes to whoever asks, whatever is asked, and return the address."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        # So that a test that fails before it asks ends nevertheless.
        server.settimeout(60)
        threads: list[threading.Thread] = []

        def start(answer: bytes) -> str:
            def serve() -> None:
                with server.accept()[0] as asked:
                    asked.recv(65_536)
                    asked.sendall(answer)

            threads.append(threading.Thread(target=serve))
            threads[-1].start()
            return f"http://127.0.0.1:{server.getsockname()[1]}"

        yield start
        for thread in threads:
            thread.join()


def get(url: str) -> Any:
    return import_data(source="URL", url=url, format="CSV")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "No URL is entered."),
        ("  ", "No URL is entered."),
        ("data.csv", "“data.csv” doesn't start with http:// or https://."),
        ("https://", "“https://” doesn't contain a host."),
        ("http://host:port/a.csv", "“http://host:port/a.csv” isn't a valid URL."),
    ],
)
def test_what_is_no_address(url: str, words: str, refused: Any) -> None:
    with refused("bad-url", words, parameter="url") as caught:
        get(url)
    assert "https://example.com/data.csv" in caught.value.hint


def test_an_address_at_which_nothing_answers(refused: Any) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        host = f"127.0.0.1:{server.getsockname()[1]}"
    with refused("download-failed", f"“{host}” refused the connection.", parameter="url") as caught:
        get(f"http://{host}/a.csv")
    assert "Errno" not in caught.value.message + caught.value.hint


def test_a_server_that_does_not_exist(refused: Any) -> None:
    # Names that end so never exist: RFC 6761.
    with refused("download-failed", "Host “data.invalid” wasn't found."):
        get("http://data.invalid/a.csv")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.0 404 Not Found\r\n\r\n", "“{url}” wasn't found (404)."),
        (b"HTTP/1.0 403 Forbidden\r\n\r\n", "denied access to “{url}” (403)."),
        (b"HTTP/1.0 503 Unavailable\r\n\r\n", "is temporarily unavailable (503)."),
        (b"HTTP/1.0 418 Teapot\r\n\r\n", "rejected the request for “{url}” (418)."),
        (b"SSH-2.0-OpenSSH\r\n", "isn't a web server."),
        (b"", "closed the connection during the download."),
        (
            b"HTTP/1.0 200 OK\r\nContent-Length: 50\r\n\r\na,b\n1,2\n",
            "closed the connection during the download.",
        ),
    ],
)
def test_servers_that_give_nothing(
    answer: bytes, words: str, answering: Callable[[bytes], str], refused: Any
) -> None:
    url = f"{answering(answer)}/a.csv"
    with refused("download-failed", words.format(url=url), parameter="url"):
        get(url)


def test_a_server_that_speaks_no_https(answering: Callable[[bytes], str], refused: Any) -> None:
    url = answering(b"HTTP/1.0 400 Bad Request\r\n\r\n").replace("http:", "https:")
    with refused("download-failed", "doesn't support https.") as caught:
        get(url)
    assert "http://" in caught.value.hint


def test_an_address_with_letters_of_other_languages(answering: Callable[[bytes], str]) -> None:
    url = answering(b"HTTP/1.0 200 OK\r\nContent-Length: 8\r\n\r\na,b\n1,2\n")
    assert get(f"{url}/Häuser 1.csv?x=a%20b").names == ["a", "b"]
