"""Activations: every order, and the story of one."""
