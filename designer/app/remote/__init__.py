"""Runs on Azure ML as the window has them: in a process of their own, told in JSON lines."""
