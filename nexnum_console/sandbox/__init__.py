"""Simulated SMS carriers: a stand-alone app that sells, delivers and misbehaves on demand."""
