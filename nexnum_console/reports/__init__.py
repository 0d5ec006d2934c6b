"""Read-only questions over the tables of several slices."""
