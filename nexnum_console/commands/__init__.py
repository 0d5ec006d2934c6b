"""Groups of ./nexnum commands; cli.py puts them together."""
