"""Recorded responses of real clouds, through the real rows, the real driver and the real table of errors."""
