"""The building blocks of templates: page, styles, head and foot, control table, tables, and layouts made of them.

Templates may as well be edited in a word processor; this is how the shipped ones came about. It needs python-docx.
"""
