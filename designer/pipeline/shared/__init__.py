"""Shared modules: pipelines with ports and parameters, used in others as one card.

In memory a card of a shared module is a group with a copy of the module's nodes, so that whatever
reads a pipeline reads ordinary nodes. In the file of the pipeline it is a reference to the
module's file. :mod:`~designer.pipeline.shared.folding` leads from one form to the other.
"""
