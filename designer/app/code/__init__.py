"""Program text: an editor for scripts, and the pipeline as code."""
