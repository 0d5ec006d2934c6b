"""The outbox: what waits, and dead letters to redrive or drop."""
