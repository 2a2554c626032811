"""Azure ML's SDK v2: azure-ai-ml. Writing the files needs no SDK; building a job does."""
