"""The wallet: what is free, held, and every line."""
