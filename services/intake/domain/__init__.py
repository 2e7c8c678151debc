"""Rules of registration. Standard library only; no clock, no I/O."""
