"""Databases by way of SQLAlchemy; passwords come from the secrets and show up nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from pydantic import Field

from modules.contract import ModuleError, Secret, secret

ConnectionText = Annotated[str, Field(title="Connection")]
PasswordName = Annotated[str, Field(title="Password"), Secret()]


@contextmanager
def connected(connection: str, password: str) -> Iterator[Any]:
    """Open a connection in a transaction; it is committed when the block ends well.

    Parameters
    ----------
    connection : str
        An address as SQLAlchemy writes it, without a password.
    password : str
        The name of a secret, or empty.

    Raises
    ------
    ModuleError
        If the address is wrong, the driver is missing, or the database says no.
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


def _bad_connection() -> ModuleError:
    return ModuleError(
        "bad-connection",
        "The connection is not an address of a database.",
        "Write dialect://user@host/database, for example postgresql://ann@db.example/sales.",
        parameter="connection",
    )


def _without_password(text: str, password: Any) -> str:
    return text.replace(str(password), "***") if password else text
