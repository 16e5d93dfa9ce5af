"""The learning loop: what learns, how it is shown its data, and what is recorded."""
