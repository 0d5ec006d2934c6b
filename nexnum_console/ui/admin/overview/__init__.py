"""Overview: live figures, providers, activity."""
