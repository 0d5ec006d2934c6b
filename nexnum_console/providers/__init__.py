"""Upstream providers: a JSON config becomes typed calls."""
