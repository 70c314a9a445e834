"""One suite that asks every kind of every cloud the same questions, against the simulated clouds."""
