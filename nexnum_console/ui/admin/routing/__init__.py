"""Routing: the policy, what was learned, and what was decided."""
