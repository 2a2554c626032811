"""Where the rows of a request come in, and where the response goes out."""

from modules.contract import Category

CATEGORY = Category("Web Service", 170)
