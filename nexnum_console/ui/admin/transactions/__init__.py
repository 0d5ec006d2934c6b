"""Transactions: every move of money."""
