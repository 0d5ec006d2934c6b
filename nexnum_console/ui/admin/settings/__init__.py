"""Settings: what holds while the product runs."""
