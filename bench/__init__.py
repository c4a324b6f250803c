"""Measured times and memory: `python -m bench` writes the table that the book shows."""
