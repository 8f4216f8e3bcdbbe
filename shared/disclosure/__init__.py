"""Disclosure: everything held about one person, table by table, for that person.

Owns: what a part is, how its rows are read and told, the doors. Takes: a side's parts. Gives: one
document, as JSON and as a page to print. Never: another person's data, a code that opens a page, or
a NIK in an address. Source: UU 27/2022 art 7.
"""
