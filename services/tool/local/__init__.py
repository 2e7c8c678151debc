"""A whole site on one machine: private servers, and the supervisor behind `make run`.

Standard library, click and psycopg2 only: what starts and stops the services must not depend on
anything the services are built from.
"""
