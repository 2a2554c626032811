"""Views of results, one for each type of value."""

from designer.app.views.opening import open_result

__all__ = ["open_result"]
