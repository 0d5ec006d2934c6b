"""Every part of the pages in each of its states: the living style sheet."""
