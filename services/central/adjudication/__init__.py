"""Adjudication: people decide whether two recordings are of one person.

Owns: `adjudication_case`, `adjudication_candidate`, `adjudication_vote`, `adjudication_view`.
Takes: recordings that resemble others, with the evidence; officers' votes. Gives: a verdict on
which two officers agree, to be decided by. Never: decides by one officer, lets who recorded a
person judge them, or shows a case before the look is written down.
"""
