"""Simulated clouds on loopback, in the vendors' own wire protocols, for tests, rehearsals and the demonstration.

Each cloud is a process of its own (`python -m sandbox aws`) with its state under MULTICLOUD_HOME. The product speaks
to it through the vendor's unpatched SDK, as it would to the vendor. See docs/sandbox.md for what is simulated and
what is not.
"""
