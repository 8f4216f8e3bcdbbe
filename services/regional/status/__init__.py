"""Status: where a recording is, since when, what it waits for; and how the whole queue stands.

Owns: nothing. Takes: facts other rooms have written. Gives: timelines, one sentence of explanation,
the queue's state. Never: changes anything, shows a name, or promises a date.
"""
