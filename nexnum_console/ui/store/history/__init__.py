"""Everything one has ordered."""
