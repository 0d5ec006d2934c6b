"""Parts of others, one file for each library, pinned and bundled with the pages."""
