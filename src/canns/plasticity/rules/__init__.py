"""Learning rules, a family a file."""
