"""Draw docs/AMENDMENTS.md from the law's table: `python -m deploy.checks.draw_amendments`.

The table is the truth; a test fails when the page says otherwise.
"""

import sys
from pathlib import Path

from shared.amendment.law import LAW, REPRINTS, Article
from shared.amendment.objections import TOLD
from shared.contracts.amendments import DocumentKind

_INTRODUCTION = """\
A person whose identity is proven may have data changed, and a lost or damaged card printed again.
Neither is a recording: no biometrics are taken, and uniqueness is not searched again (Perpres
96/2018). The NIK stays, whatever changes.
"""
_STEPS = """\
1. `PUT /v1/amendments/{id}` or `PUT /v1/reprints/{id}` at the region where the person
   lives. The request and its envelope are one commit; the same again gets the same answer, other
   content under the same id is refused. One request waits for a person at a time: a unique index.
2. While a change of what a card shows waits for its answer, no card is printed of the old data.
3. The centre locks the person's row, judges, keeps a new version of the identity beside all earlier
   ones, takes the old permission back, and signs another over the new data. The feed tells:
   revocation, permission, and then the decision, in one transaction.
4. The region applies the page. A card that was out is to be withdrawn; the new permission prints
   the data it was signed for, found by its hash among the versions.

Two live permissions never stand: the old one is taken back in the transaction that signs the new
one, and a blank that is in the printer meanwhile counts as a card to withdraw. An amendment of a
recording that is not decided yet goes behind it in the same queue, so it is decided after it; if
the recording turns out not to be unique, the amendment is refused with `identity-not-proven`.

`GET /v1/recordings/{id}/history` shows every state of a person's data with the request that
brought it. Nothing in it is ever changed or taken out.
"""
PAGE = Path(__file__).resolve().parents[2] / "docs" / "AMENDMENTS.md"


def _papers(kinds: tuple[DocumentKind, ...]) -> str:
    return " or ".join(f"`{kind}`" for kind in kinds) or "none"


def _element(article: Article) -> str:
    return f"`{article.element}`" + (f" to `{article.value}`" if article.value else "")


def changes() -> str:
    rows = ["| element | any one of these is enough | within | new card |", "|---|---|---|---|"]
    for one in LAW:
        card = "never" if not one.documents else "yes" if one.is_on_card else "no"
        rows.append(f"| {_element(one)} | {_papers(one.documents)} | {one.limit} | {card} |")
    return "\n".join(rows)


def reprints() -> str:
    rows = ["| cause | document |", "|---|---|"]
    rows += [f"| `{cause}` | `{kind}` |" for cause, kind in REPRINTS.items()]
    return "\n".join(rows)


def objections() -> str:
    rows = ["| code | why | what to do |", "|---|---|---|"]
    rows += [f"| `{code}` | {told.why} | {told.next_action} |" for code, told in TOLD.items()]
    return "\n".join(rows)


def page() -> str:
    """The whole of docs/AMENDMENTS.md."""
    return f"""\
# Amendments and reprints

Drawn from the code by `python -m deploy.checks.draw_amendments`; do not edit by hand.

{_INTRODUCTION}
## What documents allow

`shared/amendment/law.py`. The region's door and the centre read the same table: the region refuses
at once what can only be refused, and the centre judges again by what it holds itself.

{changes()}

Education is kept with the person and not printed; a card shows the occupation only.

**Spelling or another name?** `shared/amendment/spelling.py` compares words as they sound: old
spellings (Soekarno, Tjut Njak), Arabic by ear (Achmad, Moh.), doubled letters, titles, spaces and
punctuation make no other name. One slip in one word is doubtful: the head of office looks at both
and sends the request with `confirmed_by` under an own token. Anything further is another name, and
takes a court. All is measured from the name that was proven (as recorded, or as the last court
ruling gave it), so small fixes do not add up to another name. Birth place and date likewise: from
what was recorded.

**A writing error in a birth date** is one wrong digit, two neighbours exchanged, day and month
exchanged, or a day that nobody knew at first: 31 December, 1 July (any day of that year), the 15th
(any day of that month).

## Reprints

{reprints()}

The old card's blank is noted on both sides. A reprint needs a card that was printed: a permission
that waits unused is to be used first.

## What happens

{_STEPS}
## Refusals

`shared/amendment/objections.py`; each code has a page at `/problems/{{code}}`, in Indonesian too.

{objections()}
"""


def main() -> int:
    PAGE.write_text(page(), encoding="utf-8")
    sys.stderr.write(f"drew {PAGE.name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
