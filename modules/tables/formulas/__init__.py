"""Formulas over the columns of a table: parsed, checked, and evaluated, never run as code."""
