"""Letters to a whole city's unrecorded: every ward's, day by day, on two processes.

Owns: nothing. Takes: a seed. Gives: a folder of PDFs in the order they are carried, and figures in
the office report. The office itself makes a day's letters at /office/letters, by the same code.
"""
