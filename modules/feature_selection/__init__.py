"""Finding the columns that matter."""

from modules.contract import Category

CATEGORY = Category("Feature Selection", 30, ("#5a7a1e", "#a8cc66"))
