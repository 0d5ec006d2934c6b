"""The heart: buying a number exactly once, waiting for its SMS, settling the money."""
