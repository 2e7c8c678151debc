"""Content categories (内容分类): the rules of a tree, and what a text seems to be about. A library; it knows no service.

`sorting.tree` says what is wrong with a tree, `sorting.words` reads the words that speak for a category,
`sorting.suggesting` finds them in texts.
"""
