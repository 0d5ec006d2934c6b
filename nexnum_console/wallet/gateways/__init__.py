"""Ways to pay in, one file for each, behind one Protocol."""
