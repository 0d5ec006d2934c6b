"""NexNum Console: sells temporary phone numbers for SMS verification."""

__version__ = "0.1.0"
