"""From a finished run to the pipeline that serves it."""
