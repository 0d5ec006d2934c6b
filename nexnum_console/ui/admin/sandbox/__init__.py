"""The sandbox: simulated carriers that misbehave on demand."""
