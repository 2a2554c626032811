"""The open pipeline: undo, files, recovery, and what is known of its columns."""
