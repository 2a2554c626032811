"""A program for background jobs whose Azure ML is a JSON file: ``azure_stand_in.py FILE``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace

from designer.app.background import program
from designer.app.schedules import jobs
from designer.azure.errors import AzureError
from designer.azure.publish import managing
from designer.azure.publish.published import AzureSchedule, PublishedEndpoint

STATE = Path(sys.argv[1])


class Published:
    """What is there, as the file has it."""

    def schedules(self):
        return [AzureSchedule(**each) for each in self._read()["schedules"]]

    def endpoints(self):
        return [PublishedEndpoint(**each) for each in self._read()["endpoints"]]

    def set_paused(self, schedule, paused):
        state = self._read()
        (found,) = (each for each in state["schedules"] if each["id"] == schedule.id)
        found["status"] = "paused" if paused else "active"
        STATE.write_text(json.dumps(state))

    def run_now(self, schedule):
        state = self._read()
        (found,) = (each for each in state["schedules"] if each["id"] == schedule.id)
        found |= {"last": 1_799_990_000.0, "last_status": "running"}
        STATE.write_text(json.dumps(state))
        return "run-1"

    def end_schedule(self, schedule):
        self._remove("schedules", schedule.id)

    def end_endpoint(self, endpoint):
        self._remove("endpoints", endpoint.id)

    def _read(self):
        if not STATE.exists():
            raise AzureError("The workspace can't be reached.", "Check the network.")
        return json.loads(STATE.read_text())

    def _remove(self, kind, identifier):
        state = self._read()
        state[kind] = [each for each in state[kind] if each["id"] != identifier]
        STATE.write_text(json.dumps(state))


def connect(destination, *, notify):
    return SimpleNamespace(published=Published())


managing.connect = jobs.connect = connect
sys.exit(program.main())
