"""The HTTP API: thin endpoints over operations and slices."""
