"""Which provider serves a purchase, and why."""
