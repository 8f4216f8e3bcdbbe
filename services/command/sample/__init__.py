"""The sample city that `tunggal up` opens with, so that every page has something to show.

EVERY PERSON IS INVENTED. A small city of the census's proportions is recorded through the doors an
office uses; its line's last days are drawn, not lived. A stage that is done is noted in the folder,
so that a restart goes on where the last start ended, and a system somebody else filled is left
alone.
"""
