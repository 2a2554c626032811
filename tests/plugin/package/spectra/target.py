"""Deploys into a folder that observatories share."""

from __future__ import annotations

from designer.deployment.options import Option
from designer.deployment.status import Status
from designer.deployment.steps import steps_of
from designer.deployment.target import DeploymentTarget, DeployResult, readme

TELESCOPE = Option(
    "telescope",
    "Telescope",
    "Telescope that the endpoint is for.",
    default="hale",
    pattern="[a-z]+",
    invalid="“{}” isn't a telescope.",
)


class ObservatoryTarget(DeploymentTarget):
    """Keeps an endpoint in the workspace and answers within the program that asks."""

    name = "observatory"
    title = "Observatory"
    summary = "Puts the endpoint beside a telescope."
    files_summary = "Writes the package and a note for the observer."
    options = (TELESCOPE,)
    steps = steps_of("register", "deploy", "test")

    def files(self, request):
        """Return the note."""
        return {"observer.txt": request.options["telescope"], "README.txt": readme(request.name)}

    def deploy(self, request, steps):
        """Put the package into the workspace and ask it for its sample."""
        name, records = request.name, self.records
        steps.begin("deploy")
        record = {"target": self.name, "url": f"observatory:{name}", **request.options}
        with records.locked(name):
            number = records.add(name, request.package, request.about, record)
            records.keep_keys(name)
            records.change(name, version=number, **request.options)
        steps.begin("test")
        body = (records.package(name) / "sample_request.json").read_bytes()
        self.send(name, "POST", "/score", body)
        return DeployResult(name, self.name, number, record["url"], self.keys(name).primary)

    def status(self, name, *, refresh=False):
        """Return that it runs."""
        record, versions = self.records.read(name), self.records.versions(name)
        version = int(record["version"])
        return Status(name, "running", version, versions, None, record["url"], target=self.name)

    def send(self, name, method, path, body):
        """Answer a request."""
        from modules.endpoint.service import Service

        return 200, Service(self.records.package(name) / "model").answer(body)

    def delete(self, name):
        """Leave nothing behind."""
