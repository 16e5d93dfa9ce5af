"""Analysis of models in numbers, and the pictures to show them with."""
