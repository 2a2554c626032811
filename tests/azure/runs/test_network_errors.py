"""What the SDKs' HTTP libraries raise, unmodified, and whether it may pass."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from designer.azure.errors import AzureError, translated_errors
from designer.azure.workspace import WorkspaceConfig

CONFIG = WorkspaceConfig("s", "g", "n")


def request(**options: Any) -> None:
    """Send a request as SDK v1 does."""
    import requests

    with translated_errors(CONFIG, "browser"):
        requests.get("https://management.azure.com/x", timeout=30, **options)


def request_of_v2() -> None:
    """Send a request as SDK v2 does, without its retries."""
    from azure.core import PipelineClient
    from azure.core.pipeline.policies import RetryPolicy
    from azure.core.rest import HttpRequest

    with translated_errors(CONFIG, "browser"):
        client: Any = PipelineClient(
            "https://management.azure.com", policies=[RetryPolicy.no_retries()]
        )
        client.send_request(HttpRequest("GET", "https://management.azure.com/x"))


BOTH = pytest.mark.parametrize("send", [request, request_of_v2])


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "")


def resolver(monkeypatch: pytest.MonkeyPatch, number: int, text: str) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise socket.gaierror(number, text)

    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@BOTH
def test_a_name_that_does_not_exist(send: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    resolver(monkeypatch, socket.EAI_NONAME, "Name or service not known")
    with pytest.raises(AzureError) as caught:
        send()
    assert caught.value.message == (
        "Azure can't be reached: there is no host “management.azure.com”."
    )
    assert not caught.value.passing
    assert caught.value.once_reached


@BOTH
def test_a_resolver_that_does_not_answer_may_come_back(
    send: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolver(monkeypatch, socket.EAI_AGAIN, "Temporary failure in name resolution")
    with pytest.raises(AzureError) as caught:
        send()
    assert caught.value.message == "Azure can't be reached."
    assert caught.value.passing


@BOTH
def test_a_proxy_that_refuses(send: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://me:canary@127.0.0.1:9")
    with pytest.raises(AzureError) as caught:
        send()
    assert caught.value.message == "The proxy “127.0.0.1:9” can't be reached."
    assert not caught.value.passing
    assert "canary" not in str(caught.value) + caught.value.hint


class Denies(http.server.BaseHTTPRequestHandler):
    """A proxy that wants a password."""

    def do_CONNECT(self) -> None:
        self.send_error(407, "Proxy Authentication Required")

    def log_message(self, *_: Any) -> None:
        """Keep the tests' output free of requests."""


@pytest.fixture
def denying_proxy() -> Iterator[str]:
    server = http.server.HTTPServer(("127.0.0.1", 0), Denies)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@BOTH
def test_a_proxy_that_wants_a_password(
    send: Any, denying_proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", denying_proxy)
    with pytest.raises(AzureError) as caught:
        send()
    address = denying_proxy.removeprefix("http://")
    assert caught.value.message == (
        f"The proxy “{address}” denied the connection: 407 Proxy Authentication Required."
    )
    assert not caught.value.passing
    assert not caught.value.once_reached


def test_a_proxy_of_a_kind_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:9")
    with pytest.raises(AzureError) as caught:
        request()
    assert not caught.value.passing
    assert "HTTPS_PROXY" in caught.value.hint


def test_a_certificate_that_is_not_trusted(tmp_path: Path) -> None:
    import ssl

    with pytest.raises(AzureError) as caught, translated_errors(CONFIG, "browser"):
        raise OSError("no connection") from ssl.SSLCertVerificationError(
            1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate"
        )
    assert caught.value.message == "The certificate of Azure can't be verified."
    assert "REQUESTS_CA_BUNDLE" in caught.value.hint
    assert not caught.value.passing


def test_a_timeout_may_pass() -> None:
    import requests

    with pytest.raises(AzureError) as caught, translated_errors(CONFIG, "browser"):
        raise requests.exceptions.ConnectTimeout("timed out")
    assert caught.value.passing
