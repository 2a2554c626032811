"""The endpoint that serves a scoring package: ``python -m modules.endpoint PACKAGE``.

It stands alone like the rest of ``modules``: a package carries it along, so that the same
program answers on this computer, in a container and behind Azure ML's own server.
"""
