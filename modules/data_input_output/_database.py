"""Databases through SQLAlchemy; passwords come from secrets and are never shown."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from modules.contract import ModuleError, Secret, secret

ConnectionText = Annotated[str, Field(title="Connection")]
PasswordName = Annotated[str, Field(title="Password"), Secret()]


@contextmanager
def connected(connection: str, password: str, *, reading: bool = False) -> Iterator[Any]:
    """Open a connection in a transaction; it is committed if the block succeeds.

    Parameters
    ----------
    connection : str
        An SQLAlchemy URL without a password.
    password : str
        The name of a secret, or empty.
    reading : bool
        Read only: an SQLite file must exist and can't be changed.

    Raises
    ------
    ModuleError
        If the URL is invalid, the file or driver is missing, or the database reports an
        error.
    """
    import sqlalchemy
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

    try:
        address = sqlalchemy.make_url(connection.strip())
    except ArgumentError as error:
        raise _bad_connection() from error
    if address.password is not None:
        raise ModuleError(
            "password-in-connection",
            "The connection contains a password, which would be stored in the pipeline file.",
            "Remove it and enter the name of a secret under Password.",
            parameter="connection",
        )
    if password:
        address = address.set(password=secret(password))
    is_sqlite = address.drivername in ("sqlite", "sqlite+pysqlite")
    if reading and is_sqlite:
        address = _existing(address)
    try:
        engine = sqlalchemy.create_engine(address)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        missing = getattr(error, "name", None) or address.drivername
        raise ModuleError(
            "driver-missing",
            f"The driver “{missing}” for this type of database isn't installed.",
            "Install it in ModelDesk's environment, for example with pip.",
            parameter="connection",
        ) from error
    except ArgumentError:
        raise _bad_connection() from None
    try:
        with engine.begin() as opened:
            if reading and is_sqlite:
                opened.exec_driver_sql("pragma query_only = on")
            yield opened
    except SQLAlchemyError as error:
        # From None: a driver's message about its connection may contain the password.
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise ModuleError(
            "database-failed",
            f"Database error: {_without_password(reason, address.password)}",
            "Check the connection, the password, and the query.",
            parameter="connection",
        ) from None
    finally:
        engine.dispose()


def _existing(address: Any) -> Any:
    """Return the URL of an SQLite file that doesn't create any file when opened.

    SQLite's mode ro would leave the two files of a write-ahead log beside it.
    """
    database = address.database or ""
    if address.host or database in ("", ":memory:") or database.startswith("file:"):
        return address
    path = Path(database).absolute()
    if not path.is_file():
        raise ModuleError(
            "no-such-database",
            f"Database file “{path}” doesn't exist.",
            _other_files(path),
            parameter="connection",
        )
    query = {**address.query, "mode": "rw", "uri": "true"}
    return address.set(database=path.as_uri(), query=query)


def _other_files(path: Path) -> str:
    try:
        names = [file.name for file in path.parent.iterdir() if file.is_file()]
    except OSError:
        return "Check the path; relative paths start from the pipeline's folder."
    close = difflib.get_close_matches(path.name, names, n=1)
    if close:
        return f"Did you mean “{close[0]}”?"
    return "Check the name; relative paths start from the pipeline's folder."


def _bad_connection() -> ModuleError:
    return ModuleError(
        "bad-connection",
        "The connection isn't a database URL.",
        "Enter dialect://user@host/database, for example postgresql://ann@db.example/sales.",
        parameter="connection",
    )


def _without_password(text: str, password: Any) -> str:
    return text.replace(str(password), "***") if password else text
