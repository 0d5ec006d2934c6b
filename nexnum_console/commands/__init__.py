"""One file per ./nexnum command group; each is thin."""
