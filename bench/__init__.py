"""Measurements of the product on a throwaway installation: ``./nexnum bench``."""
