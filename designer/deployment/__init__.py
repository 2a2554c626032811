"""Scoring packages, and endpoints on this computer.

Importing this imports no library of tables or learners; what needs them is for another
process than the window's.
"""

from designer.deployment.endpoints import Endpoints
from designer.deployment.problem import ServingError
from designer.deployment.status import Keys, Status

__all__ = ["Endpoints", "Keys", "ServingError", "Status"]
