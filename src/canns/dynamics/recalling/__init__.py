"""The recall loop, and what it reports."""
