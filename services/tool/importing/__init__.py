"""`petition import`: brings an office's own register into the site, through the services' routes.

reading   → rows of a CSV or XLSX file
columns   → which heading means which field; what is never taken over
words     → codes, words, dates and names of existing systems, as ours
directory → divisions, offices and categories of the site, by code or name
planning  → a row as the commands that it asks for, or why it is refused
sending   → the commands, in order, each once however often the import is run
report    → what became of every row
"""
