"""Rules that learn by energy."""
