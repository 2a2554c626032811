"""The panels around the canvas; each shows a part of the document or of the last run."""
