"""The officer's console: today's work, the line, search, and one recording's whole story.

Owns: `line_sample`. Takes: facts other rooms have written, and what those rooms say of them.
Gives: pages and their twins as JSON, and whether a person may be recorded. Never: changes a
recording, shows a name or a NIK, or decides anything.
"""
