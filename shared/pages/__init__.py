"""Pages for people: one skeleton, one style sheet, sign-in, and answers in two languages.

A room that has pages writes templates on `base.html` in a folder of its own and a `PageDoors` that
answers with `Pages.answer`. No script, nothing from outside this server, Indonesian first.
"""
