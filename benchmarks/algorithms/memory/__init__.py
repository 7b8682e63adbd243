"""Textbook algorithms over arrays: a lane is one run, and its numbers are its own."""
