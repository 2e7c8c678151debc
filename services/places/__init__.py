"""Places (属地): from what was written to the division that is meant. A library; it knows no service.

`places.build` makes an index from the sources, `places.index` opens it, `places.resolver` reads texts.
"""
