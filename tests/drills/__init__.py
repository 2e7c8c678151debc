"""What happens when processes, broker, database or networks die under load: `make drills`."""
