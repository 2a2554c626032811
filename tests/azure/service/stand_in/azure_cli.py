"""An ``az`` that is signed in: the person's own means, as far as a test can have it."""

from __future__ import annotations

import json
import os
import shlex
import time
from pathlib import Path

from stand_in.service import Service

AUDIENCES = (
    *(f"https://ml.azure.{end}" for end in ("com", "cn", "us")),
    *("https://management", "https://storage"),
)


def install(service: Service, folder: Path, *, seconds: float = 3600) -> str:
    """Write a program ``az`` and return a PATH that finds it first."""
    folder.mkdir(parents=True, exist_ok=True)
    # What tokens are asked for is noted.
    asked = shlex.quote(str(folder / "asked.txt"))
    lines = ["#!/bin/sh", f'echo "$*" >> {asked}', 'case "$*" in']
    for audience in AUDIENCES:
        token = service.new_token(seconds, audience)
        answer = json.dumps(
            {
                "accessToken": token,
                "expiresOn": "2999-01-01 00:00:00.000000",
                "expires_on": int(time.time() + 3600),
                "subscription": "-",
                "tenant": "-",
                "tokenType": "Bearer",
            }
        )
        lines.append(f"  *{audience}*) echo {shlex.quote(answer)};;")
    return _write(folder, [*lines, "esac"])


def install_signed_out(folder: Path) -> str:
    """Write a program ``az`` whose sign-in has expired."""
    message = (
        "ERROR: AADSTS70043: The refresh token has expired or is invalid due to sign-in "
        "frequency checks. To re-authenticate, please run: az login"
    )
    return _write(folder, ["#!/bin/sh", f"echo {shlex.quote(message)} >&2", "exit 1"])


def _write(folder: Path, lines: list[str]) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "az"
    program.write_text("\n".join(lines) + "\n")
    program.chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"
