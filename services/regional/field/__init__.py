"""Field work: a schedule of places, home visits, and recordings brought from where no line is.

Owns: `field_session`, `home_visit`, `home_visit_event`, `field_station`, `field_batch`,
`field_batch_item`. Takes: the residents' list, recordings, decisions, amendments and what outreach
heard (read only); batches that enrolled stations signed. Gives: places and days to everybody, what
stands in the way of a home visit, and a report of each batch. Never: writes a recording itself (the
commit lane takes them), shows the public who is visited, refuses a capture for a wrong clock.
"""
