"""Planted bugs: each must turn the tests that are named beside it red."""
