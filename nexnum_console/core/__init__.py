"""Vocabulary every slice shares; imports nothing of the product."""
