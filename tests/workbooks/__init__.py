"""Workbooks made for the tests: one that fires and one that just misses, for every situation."""
