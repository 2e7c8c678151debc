"""What stats' routes are asked and answer."""
