"""The stand-in of Azure ML: what it knows, and which part answers what."""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from stand_in import (
    arm,
    blobs,
    data,
    endpoints,
    history,
    jobs,
    metrics,
    models,
    online_endpoints,
    pipelines,
    published,
    sign_in,
    web_services,
)
from stand_in.names import ACCOUNT, GROUP, SUBSCRIPTION, TENANT, WORKSPACE
from stand_in.routing import Answer, Request, Router, ServiceError
from stand_in.runs import Runs
from stand_in.scoring import Scoring
from stand_in.server import Door


class Service:
    """One workspace with a cluster, in a folder, behind a proxy on loopback.

    Parameters
    ----------
    folder : Path
        Where uploads, runs and certificates go.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.blob_folder = folder / "blobs"
        self.blob_metadata: dict[str, dict[str, str]] = {}
        self.lock = threading.RLock()
        self.busy = 0
        """So many requests about runs are still answered with “try again later”."""
        self.answering = threading.Event()
        """While it is not set, requests about runs wait for their answer."""
        self.answering.set()
        self.tokens: dict[str, float] = {}
        self.refresh: set[str] = set()
        """Refresh tokens that are still good."""
        self.nonce = ""
        """What a browser that signs in has sent along, and finds again in its token."""
        self.cloud: dict[str, str] = {}
        """What is called otherwise in a sovereign cloud; empty for the public one."""
        self.computes = {"cpu-cluster": "AmlCompute", "other-cluster": "AmlCompute"}
        self.resources: dict[str, dict[str, Any]] = {}
        """What was put through the resource manager, by its path in small letters."""
        self.things: dict[str, dict[str, dict[str, Any]]] = {}
        """What the services keep: by kind, by id."""
        self.runs = Runs(self)
        self.scoring = Scoring(self)
        self.keyless = ""
        """How the storage has no keys: “absent” from the datastore, or “denied” when used."""
        self.pipeline_error = ""
        """Why a pipeline fails before any of its steps starts; empty for one that doesn't."""
        self.broken_image = ""
        """What a build of an image says before it fails; empty for one that succeeds."""
        self.loses_models = 0
        """So many containers still start without models, so that their entry script fails."""
        self.keeps_all = False
        """Whether the service refuses to delete what was deployed."""
        self.slow_deployments = 0
        """So many questions about deployments are still answered with “Running”."""
        self.keeps_keys = False
        """Whether a managed endpoint goes on with its keys when others are asked for."""
        self.blob_folder.mkdir(parents=True)
        parts = (arm, pipelines, published, history, jobs, data, endpoints, models, metrics)
        deployed = (web_services, online_endpoints)
        self._main = [part.route for part in (*parts, *deployed)]
        self.door = Door(folder, self._answer)

    def close(self) -> None:
        """Stop everything that runs and stop to listen."""
        self.answering.set()
        self.runs.close()
        self.scoring.close()
        self.door.close()

    def kept(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return what is kept of a kind, by id."""
        return self.things.setdefault(kind, {})

    def thing(self, kind: str, name: str) -> dict[str, Any]:
        """Return what is kept under an id, or refuse."""
        try:
            return self.kept(kind)[name]
        except KeyError:
            raise ServiceError(404, "NotFound", f"There is no {kind} {name}.") from None

    def new_token(
        self, seconds: float = 3600, audience: str = "", host: str = "login.microsoftonline.com"
    ) -> str:
        """Return a token that is good for some time; a canary, since it is random."""
        end = int(time.time() + seconds)
        claims = {"exp": end, "iat": end - 3600, "tid": TENANT, "oid": TENANT, "aud": audience}
        claims |= {"preferred_username": "person@example.com", "sub": TENANT}
        claims |= {"iss": f"https://{host}/{TENANT}/v2.0"}
        claims |= {"nonce": self.nonce} if self.nonce else {}
        claims |= {"jti": secrets.token_hex(16), "upn": "person@example.com", "name": "A Person"}
        parts = ({"alg": "none", "typ": "JWT"}, claims)
        text = ".".join(_base64(json.dumps(part).encode()) for part in parts)
        token = f"{text}.{_base64(secrets.token_bytes(16))}"
        self.tokens[token] = end
        return token

    def environment(self, home: Path) -> dict[str, str]:
        """Return the environment variables that lead the SDKs here, and to nobody else."""
        proxy = f"http://127.0.0.1:{self.door.port}"
        ca = str(self.door.authority.file)
        names = ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy")
        return dict.fromkeys(names, proxy) | {
            "NO_PROXY": "",
            "no_proxy": "",
            "REQUESTS_CA_BUNDLE": ca,
            "SSL_CERT_FILE": ca,
            "CURL_CA_BUNDLE": ca,
            "HOME": str(home),
            "USERPROFILE": str(home),
            "AZURE_CONFIG_DIR": str(home / ".azure"),
            "AZUREML_AUTH_CONFIG_DIR": str(home / ".azureml" / "auth"),
            "AZURE_CORE_COLLECT_TELEMETRY": "0",
        }

    def config(self) -> dict[str, str]:
        """Return what a workspace's config.json holds."""
        return {
            "subscription_id": SUBSCRIPTION,
            "resource_group": GROUP,
            "workspace_name": WORKSPACE,
        }

    def blob_url(self, container: str, name: str) -> str:
        """Return an address, with a signature that means nothing, of a blob."""
        return f"https://{ACCOUNT}.blob.core.windows.net/{container}/{name}?sv=2021-08-06&sig=none"

    def _answer(self, request: Request) -> Any:
        answer = self._answer_of_public_cloud(request)
        if not self.cloud:
            return answer
        answer = answer if isinstance(answer, Answer) else Answer(answer)
        if isinstance(answer.content, bytes):
            return answer
        text = json.dumps(answer.content)
        for public, sovereign in self.cloud.items():
            text = text.replace(public, sovereign)
        return replace(answer, content=json.loads(text))

    def _answer_of_public_cloud(self, request: Request) -> Any:
        if ".blob.core." in request.host:
            return blobs.denied(self, request) or self._route([blobs.route], request)
        front = self.scoring.fronts.get(f"{request.host}{request.path}")
        if front is not None:
            return front.answer(request)
        if request.host.startswith("login."):
            return self._route([sign_in.route], request)
        if sign_in.needs_token(request):
            self._check_token(request.headers)
        if "/history/" in request.path or "/jobs" in request.path:
            self.answering.wait(60)
        if self.busy and "/history/" in request.path:
            self.busy -= 1
            raise ServiceError(503, "ServiceUnavailable", "The service is busy.")
        return self._route(self._main, request)

    def _check_token(self, headers: Mapping[str, str]) -> None:
        token = headers.get("authorization", "").removeprefix("Bearer ")
        if self.tokens.get(token, 0) < time.time():
            raise ServiceError(401, "AuthenticationFailed", "The access token is not valid.")

    def _route(self, routers: list[Router], request: Request) -> Any:
        for router in routers:
            found = router.find(request.method, request.path)
            if found is not None:
                function, parts = found
                return function(self, request, **parts)
        self.door.unknown.append(f"{request.method} {request.host} {request.path}")
        content = {"error": {"code": "NotFound", "message": f"No route {request.path}"}}
        return Answer(content, 404)


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
