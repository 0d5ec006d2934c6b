"""What ./nexnum offers from the shell; each file is a click group."""
