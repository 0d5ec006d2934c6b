"""Trying the whole product over HTTP, as a buyer would."""
