"""Background work on RQ: what runs when nobody is looking."""
