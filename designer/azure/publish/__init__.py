"""Published and scheduled pipelines on Azure ML."""
