"""Countries, services and offers: what can be bought, and for how much."""
