"""Open questions: unknown purchases, numbers being given back, orphans."""
