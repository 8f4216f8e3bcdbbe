"""Outreach: who must hold a card and is not recorded, letters to them, and what was heard of them.

Owns: `outreach`, `outreach_event`, `letter_batch`, `letter`. Takes: the residents' list and the
recordings (read only), officers' findings, replies to letters. Gives: each day's letters in the
order they are carried, with delivery lists; who is to be visited; reasons that close a search.
Never: writes to somebody who is recorded or whose search is closed, shows a name to the public,
changes the residents' list.
"""
