"""Textbook algorithms in memory and with the store: `python -m benchmarks.algorithms`.

memory/      the algorithms over arrays, many runs side by side
recipes      the same with the store, as docs/algorithms.md shows them
stored       recipes run on the random numbers of a run in memory
figures      settings of each figure, and what is claimed of it
page         the tables of docs/algorithms.md
"""
