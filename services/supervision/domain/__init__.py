"""The case and its duties. Standard library only; no clock, no I/O."""
