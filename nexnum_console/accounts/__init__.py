"""Users, sessions, roles and capabilities."""
