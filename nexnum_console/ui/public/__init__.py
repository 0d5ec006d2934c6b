"""Pages for everyone: front page, log in, register, first admin."""
