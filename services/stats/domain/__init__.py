"""What is counted. Standard library only; no clock, no I/O."""
