"""The numbers that live now."""
