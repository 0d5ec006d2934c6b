"""Letters: what was sent, what waits, what was given up."""
