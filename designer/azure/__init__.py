"""Pipelines on Azure Machine Learning: compiled offline, submitted with the user's own sign-in.

:mod:`designer.azure.compile.steps` describes the steps once for both SDKs; no SDK is
imported before ``sdk_v1`` or ``sdk_v2`` is.
"""
