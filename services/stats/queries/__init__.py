"""Reads. Figures are everybody's, save for what one is barred from; lists of cases go through `VISIBLE`."""
