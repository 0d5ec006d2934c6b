"""Embedded PostgreSQL, Redis and front end, and the processes of a running console."""
