"""What an operator must look at, and who settled it."""
