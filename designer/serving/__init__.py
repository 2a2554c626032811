"""Scoring packages, and endpoints on this computer.

Importing this imports no library of tables or learners; what needs them is for another
process than the window's.
"""

from designer.serving.endpoints import Endpoints, Keys, Status
from designer.serving.problem import ServingError

__all__ = ["Endpoints", "Keys", "ServingError", "Status"]
