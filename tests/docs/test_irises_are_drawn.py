from deploy.checks.draw_irises import PICTURE, picture


def test_the_picture_shows_the_irises_that_are_made() -> None:
    told = PICTURE.read_text(encoding="utf-8")

    assert told == picture(), "draw it anew: python -m deploy.checks.draw_irises"
