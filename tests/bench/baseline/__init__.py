"""The plain pipeline that ours is measured against: Flask, gunicorn, Celery, psycopg2.

The same body, token, validation, encryption, blind indexes, audit row and idempotency key, the same
tables in the same four schemas, and the same steps: register → locate and assign → open the case and its
duty, tell the register (timeline), count. A petition's rows are the same in the end. What it leaves out
is what a plain pipeline leaves out: outbox, event log, cursors, the order of events, publisher confirms.

Tuned as if it were ours: no ORM, two round trips for a registration and one for every task (a string of
several statements is one transaction), prepared validators, one connection a thread, JSON by orjson,
ignored results, no worker gossip. Workers, threads and prefetch: see `systems.Plain`.
"""
