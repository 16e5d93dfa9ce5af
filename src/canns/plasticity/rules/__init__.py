"""Learning rules, one family per file."""
