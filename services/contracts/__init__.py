"""The published language: schema, sample and version of every event."""
