"""Your own scripts as runs: configuration, environment, process, outputs, record."""
