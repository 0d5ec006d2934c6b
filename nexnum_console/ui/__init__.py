"""Pages: the store and the console, on Reflex."""
