"""The lab of a provider: form, JSON and test in step; versions; keys; a wizard for new ones."""
