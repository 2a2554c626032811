"""Which processes serve the schedules of a workspace now."""

from __future__ import annotations

from designer.scheduling.database import ScheduleDatabase
from designer.scheduling.entry import Server
from designer.scheduling.processes import identity, is_alive
from designer.workspace import Workspace


class ServerList:
    """The processes that serve the schedules of a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._database = ScheduleDatabase(workspace)

    def enter(self, kind: str, now: float) -> None:
        """List this process among those that serve the schedules."""
        with self._database.changing() as database:
            database.execute(
                "INSERT OR REPLACE INTO servers VALUES (?, ?, ?)", (identity(), kind, now)
            )

    def leave(self) -> None:
        """Take this process off the list of servers."""
        with self._database.changing() as database:
            database.execute("DELETE FROM servers WHERE process = ?", (identity(),))

    def all(self) -> list[Server]:
        """Return the processes that serve the schedules now."""
        return [
            Server(row["process"], row["kind"], row["since"])
            for row in self._database.rows("SELECT * FROM servers ORDER BY since")
            if is_alive(row["process"])
        ]
