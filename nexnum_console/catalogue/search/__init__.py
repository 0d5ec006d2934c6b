"""Finding services and countries by what people type."""
