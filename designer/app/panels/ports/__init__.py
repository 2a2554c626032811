"""Inputs and outputs of a module in the Properties panel."""
