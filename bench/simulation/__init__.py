"""A deterministic world around the production code: virtual time, played carriers, deaths."""
