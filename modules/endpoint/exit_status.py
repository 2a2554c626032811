"""How the endpoint's program ends, beside 0, 1, and 2."""

PORT_TAKEN = 3
NOT_HANDED_OVER = 4
