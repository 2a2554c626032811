"""The sign-in service: tokens by device code, by refresh token, and what surrounds them."""

from __future__ import annotations

import base64
import json
import secrets
from typing import TYPE_CHECKING, Any

from stand_in.names import TENANT
from stand_in.routing import Answer, Request, Router, ServiceError

if TYPE_CHECKING:
    from stand_in.service import Service

route = Router()


def client_info() -> str:
    """Return who has signed in, as clients keep it."""
    plain = json.dumps({"uid": TENANT, "utid": TENANT}).encode()
    return base64.urlsafe_b64encode(plain).rstrip(b"=").decode()


_OPEN = ("/metadata/endpoints", "/discovery")


def needs_token(request: Request) -> bool:
    """Tell whether a request has to be signed."""
    return request.path.rstrip("/") not in _OPEN


@route("GET", r"/common/discovery/instance")
def instances(service: Service, request: Request) -> Any:
    """Say which hosts sign in."""
    host = request.host
    return {
        "tenant_discovery_endpoint": f"https://{host}/common/v2.0/.well-known/openid-configuration",
        "api-version": "1.1",
        "metadata": [
            {"preferred_network": host, "preferred_cache": "login.windows.net", "aliases": [host]}
        ],
    }


@route("GET", r"/(?P<tenant>[^/]+)/v2\.0/\.well-known/openid-configuration")
def configuration(service: Service, request: Request, tenant: str) -> Any:
    """Say where to ask for what."""
    base = f"https://{request.host}/{tenant}/oauth2/v2.0"
    return {
        "token_endpoint": f"{base}/token",
        "device_authorization_endpoint": f"{base}/devicecode",
        "authorization_endpoint": f"{base}/authorize",
        "issuer": f"https://{request.host}/{tenant}/v2.0",
        "tenant_region_scope": "EU",
    }


@route("POST", r"/(?P<tenant>[^/]+)/oauth2/v2\.0/devicecode")
def device_code(service: Service, request: Request, tenant: str) -> Any:
    """Start a sign-in by device code."""
    service.kept("device code")["DEVICE"] = {}
    return {
        "device_code": "DEVICE",
        "user_code": "ABCD1234",
        "verification_uri": "https://microsoft.com/devicelogin",
        "expires_in": 900,
        "interval": 1,
        "message": "To sign in, open https://microsoft.com/devicelogin and enter ABCD1234.",
    }


@route("POST", r"/(?P<tenant>[^/]+)/oauth2(?:/v2\.0)?/token")
def token(service: Service, request: Request, tenant: str) -> Any:
    """Give a token: a person is taken to have typed the device code at once."""
    form = request.form
    if form.get("client_secret", "right") != "right":
        raise ServiceError(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.")
    audience = form.get("scope") or form.get("resource", "")
    if form.get("grant_type") == "refresh_token" and form["refresh_token"] not in service.refresh:
        text = "AADSTS70043: The refresh token has expired."
        return Answer({"error": "invalid_grant", "error_description": text}, 400)
    refresh = f"refresh-{secrets.token_hex(8)}"
    service.refresh.add(refresh)
    issued = service.new_token(audience=audience)
    return {
        "token_type": "Bearer",
        "scope": form.get("scope", ""),
        "expires_in": 3600,
        "access_token": issued,
        "refresh_token": refresh,
        "id_token": service.new_token(audience=form.get("client_id", ""), host=request.host),
        "client_info": client_info(),
    }
