"""Job functions, thin: each opens the services and calls one use case."""
