"""Users: everybody who has an account."""
