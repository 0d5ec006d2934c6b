"""Find, compare, buy, wait, receive."""
