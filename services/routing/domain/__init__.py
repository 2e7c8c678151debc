"""Which place, which office. Standard library only; no clock, no I/O."""
