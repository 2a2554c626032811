"""Dialogs: they ask, and return plain values; none changes the document itself."""
