"""Blob storage: containers of files in a folder, by what the SDKs ask of it."""

from __future__ import annotations

import base64
import hashlib
import re
from email.utils import formatdate
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from stand_in.routing import Answer, Request, Router, ServiceError

if TYPE_CHECKING:
    from stand_in.service import Service

route = Router()


def denied(service: Service, request: Request) -> Answer | None:
    """Return the answer to a request signed with the account's key, if keys aren't allowed."""
    signed = request.headers.get("authorization", "").startswith("SharedKey")
    if not (service.keyless and signed):
        return None
    code = "KeyBasedAuthenticationNotPermitted"
    text = (
        f"<?xml version='1.0' encoding='utf-8'?><Error><Code>{code}</Code><Message>"
        "Key based authentication is not permitted on this storage account.</Message></Error>"
    )
    headers = {"Content-Type": "application/xml", "x-ms-error-code": code}
    return Answer(text.encode(), 403, headers)


BLOB = r"/(?P<container>[a-z0-9$-]+)/(?P<name>.+)"


@route("PUT", BLOB)
def put(service: Service, request: Request, container: str, name: str) -> Answer:
    """Write a blob, a block of one, or what blocks make up one."""
    path = _path(service, container, name)
    part = request.query.get("comp")
    if part == "block":
        block = base64.b64decode(request.query["blockid"]).hex()
        _blocks(service, container, name).mkdir(parents=True, exist_ok=True)
        (_blocks(service, container, name) / block).write_bytes(request.body)
        return Answer(None, 201)
    if part == "blocklist":
        ids = re.findall(r"<(?:Latest|Uncommitted|Committed)>([^<]+)<", request.body.decode())
        folder = _blocks(service, container, name)
        content = b"".join((folder / base64.b64decode(id_).hex()).read_bytes() for id_ in ids)
    elif part in ("metadata", "properties", "tags"):
        return Answer(None, 200)
    else:
        content = request.body
    if path.is_file() and request.headers.get("if-none-match") == "*":
        raise ServiceError(409, "BlobAlreadyExists", "The specified blob already exists.")
    if request.headers.get("x-ms-blob-type") == "AppendBlob":
        content = b""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    metadata = {k: v for k, v in request.headers.items() if k.startswith("x-ms-meta-")}
    service.blob_metadata[f"{container}/{name}"] = metadata
    return Answer(None, 201, _properties(path))


@route("GET|HEAD", BLOB)
def get(service: Service, request: Request, container: str, name: str) -> Answer:
    """Read a blob, or a range of it."""
    path = _path(service, container, name)
    if not path.is_file():
        raise ServiceError(404, "BlobNotFound", "The specified blob does not exist.")
    content = path.read_bytes()
    headers = _properties(path) | {"x-ms-blob-type": "BlockBlob", "Accept-Ranges": "bytes"}
    headers |= service.blob_metadata.get(f"{container}/{name}", {})
    wanted = request.headers.get("x-ms-range") or request.headers.get("range")
    found = re.match(r"bytes=(\d+)-(\d*)", wanted or "")
    if request.method == "HEAD":
        return Answer(None, 200, headers | {"Content-Length": str(len(content))})
    if found:
        start, end = int(found[1]), min(int(found[2] or len(content)), len(content) - 1)
        if start >= len(content):
            raise ServiceError(416, "InvalidRange", "The range is not in the blob.")
        headers["Content-Range"] = f"bytes {start}-{end}/{len(content)}"
        return Answer(content[start : end + 1], 206, headers)
    return Answer(content, 200, headers)


@route("DELETE", BLOB)
def delete(service: Service, request: Request, container: str, name: str) -> Answer:
    """Remove a blob."""
    _path(service, container, name).unlink(missing_ok=True)
    return Answer(None, 202)


@route("GET|HEAD|PUT", r"/(?P<container>[a-z0-9$-]+)/?")
def container(service: Service, request: Request, container: str) -> Answer:
    """List a container, or say that it is there."""
    if request.query.get("comp") != "list":
        return Answer(None, 200, {"x-ms-blob-public-access": "none"})
    prefix = request.query.get("prefix", "")
    entries = []
    folder = service.blob_folder / container
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        name = path.relative_to(folder).as_posix()
        if name.startswith(prefix):
            properties = _properties(path)
            entries.append(
                f"<Blob><Name>{escape(name)}</Name><Properties>"
                f"<Last-Modified>{properties['Last-Modified']}</Last-Modified>"
                f"<Etag>{escape(properties['ETag'])}</Etag>"
                f"<Content-Length>{path.stat().st_size}</Content-Length>"
                "<BlobType>BlockBlob</BlobType></Properties></Blob>"
            )
    text = (
        '<?xml version="1.0" encoding="utf-8"?>'
        f'<EnumerationResults ContainerName="{container}"><Prefix>{escape(prefix)}</Prefix>'
        f"<Blobs>{''.join(entries)}</Blobs><NextMarker /></EnumerationResults>"
    )
    return Answer(text.encode(), 200, {"Content-Type": "application/xml"})


def _path(service: Service, container: str, name: str) -> Path:
    root = service.blob_folder / container
    path = (root / name).resolve()
    if not path.is_relative_to(root.resolve()):
        raise ServiceError(400, "InvalidUri", "The name of the blob is not allowed.")
    return path


def _blocks(service: Service, container: str, name: str) -> Path:
    return service.folder / "blocks" / container / hashlib.sha256(name.encode()).hexdigest()


def _properties(path: Path) -> dict[str, str]:
    state = path.stat()
    return {
        "ETag": f'"{state.st_mtime_ns:x}"',
        "Last-Modified": formatdate(state.st_mtime, usegmt=True),
        "x-ms-version": "2021-08-06",
        "x-ms-request-id": "1",
    }
