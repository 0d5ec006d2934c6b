"""Use cases over several slices."""
