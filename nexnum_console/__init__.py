"""NexNum Console: sells temporary phone numbers for SMS verification."""
