"""Providers: the list, and one with its margin, rank, syncs and errors."""
