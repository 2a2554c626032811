"""Databases by way of SQLAlchemy; passwords come from the secrets and show up nowhere."""

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
    """Open a connection in a transaction; it is committed when the block ends well.

    Parameters
    ----------
    connection : str
        An address as SQLAlchemy writes it, without a password.
    password : str
        The name of a secret, or empty.
    reading : bool
        Nothing is to be written: a file of SQLite has to exist, and can't be changed.

    Raises
    ------
    ModuleError
        If the address is wrong, there is no such file, the driver is missing, or the database
        says no.
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
            "The connection holds a password, which would be stored in the pipeline's file.",
            "Take it out and name a secret under Password.",
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
            f"The driver “{missing}” for this kind of database is not installed.",
            "Install it beside ModelDesk, with pip for example.",
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
        # From None: what a driver says of its connection may hold the password.
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise ModuleError(
            "database-failed",
            f"The database says: {_without_password(reason, address.password)}",
            "Check the connection, the password and the query.",
            parameter="connection",
        ) from None
    finally:
        engine.dispose()


def _existing(address: Any) -> Any:
    """Return the address of a file of SQLite so that opening it creates nothing.

    Not in SQLite's mode ro, which leaves the two files of a write-ahead log beside it.
    """
    database = address.database or ""
    if address.host or database in ("", ":memory:") or database.startswith("file:"):
        return address
    place = Path(database).absolute()
    if not place.is_file():
        raise ModuleError(
            "no-such-database",
            f"There is no database file “{place}”.",
            _other_files(place),
            parameter="connection",
        )
    query = {**address.query, "mode": "rw", "uri": "true"}
    return address.set(database=place.as_uri(), query=query)


def _other_files(place: Path) -> str:
    try:
        names = [file.name for file in place.parent.iterdir() if file.is_file()]
    except OSError:
        return "Check the path; a relative one starts from the pipeline's folder."
    close = difflib.get_close_matches(place.name, names, n=1)
    if close:
        return f"Did you mean “{close[0]}”?"
    return "Check the name; a relative path starts from the pipeline's folder."


def _bad_connection() -> ModuleError:
    return ModuleError(
        "bad-connection",
        "The connection is not an address of a database.",
        "Write dialect://user@host/database, for example postgresql://ann@db.example/sales.",
        parameter="connection",
    )


def _without_password(text: str, password: Any) -> str:
    return text.replace(str(password), "***") if password else text
