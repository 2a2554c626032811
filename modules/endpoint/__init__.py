"""The endpoint that serves a scoring package: ``python -m modules.endpoint PACKAGE``.

It is self-contained like the rest of ``modules``: a package includes it, so that the same
program runs on this computer, in a container and behind Azure ML's own server.
"""
