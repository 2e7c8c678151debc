"""An invented county for trying the system out: real places, made-up people and petitions.

`Site.load()` reads the county 慈溪市 (divisions, offices, categories); `generate_lives` invents
petitions (信访件) with everything needed to register them and their further way through the
offices; `summary` counts what a run of them must show.
"""

from tool.demo.lives import Life, generate_lives
from tool.demo.plan import Step
from tool.demo.site import Site
from tool.demo.summary import Summary, summary

__all__ = ["Life", "Site", "Step", "Summary", "generate_lives", "summary"]
