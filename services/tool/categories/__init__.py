"""`petition categories`: a site's tree of content categories and its own words for them, as files.

kit.sheet → lines of a CSV or XLSX file; sorting.tree, sorting.words → what is wrong with them;
taking → both services brought in step, or neither changed.
"""
