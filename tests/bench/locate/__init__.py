"""How well and how fast a place is found in a text, ours beside its peers: `make bench-locate`."""
