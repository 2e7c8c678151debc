"""What routing does with commands and with other services' events."""

from routing.handlers.bodies import consult, convene, designate, name_successor, pass_on
from routing.handlers.directory import abolish, put_office, put_offices
from routing.handlers.placing import (
    UNDECIDED,
    Competence,
    assign,
    assign_by_rule,
    decide_objection,
    decline,
    locate,
    on_followed,
    on_lapsed,
    on_registered,
    on_withdrawn,
    place,
    question,
    raise_objection,
    read_place,
    sign,
)
from routing.handlers.recusal import recuse

__all__ = [
    "UNDECIDED",
    "Competence",
    "abolish",
    "assign",
    "assign_by_rule",
    "consult",
    "convene",
    "decide_objection",
    "decline",
    "designate",
    "locate",
    "name_successor",
    "on_followed",
    "on_lapsed",
    "on_registered",
    "on_withdrawn",
    "pass_on",
    "place",
    "put_office",
    "put_offices",
    "question",
    "raise_objection",
    "read_place",
    "recuse",
    "sign",
]
