"""Networks with an energy."""
