"""A pipeline as steps on Azure ML, written without a network."""
