"""The Merkle tree is RFC 9162's: its published vectors, and proofs against the plain definition."""

import random
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.audit.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    is_consistent,
    is_included,
    leaf_hash,
    node_hash,
    root_of,
)

pytestmark = pytest.mark.rules

# The eight entries, roots and proofs of the Certificate Transparency reference tests.
ENTRIES = [
    bytes.fromhex(one)
    for one in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
PATHS = {
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
CONSISTENCY = {
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
LEAVES = [leaf_hash(entry) for entry in ENTRIES]


def hexed(nodes: list[bytes]) -> list[str]:
    return [node.hex() for node in nodes]


def frontier_of(leaves: list[bytes]) -> Frontier:
    found = Frontier()
    found.extend(leaves)
    return found


def defined_root(leaves: list[bytes]) -> bytes:
    """MTH as the RFC defines it, by recursion."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    cut = 1
    while cut * 2 < len(leaves):
        cut *= 2
    return node_hash(defined_root(leaves[:cut]), defined_root(leaves[cut:]))


def test_roots_are_those_of_the_published_vectors() -> None:
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert [root_of(LEAVES[:count]).hex() for count in range(1, 9)] == ROOTS


def test_inclusion_proofs_are_those_of_the_published_vectors() -> None:
    for (index, size), path in PATHS.items():
        assert hexed(inclusion_proof(index, LEAVES[:size])) == path
        assert is_included(
            LEAVES[index],
            index,
            size,
            inclusion_proof(index, LEAVES[:size]),
            root_of(LEAVES[:size]),
        )


def test_consistency_proofs_are_those_of_the_published_vectors() -> None:
    for (old, size), proof in CONSISTENCY.items():
        assert hexed(consistency_proof(frontier_of(LEAVES[:old]), LEAVES[old:size])) == proof


def test_the_worked_example_of_the_rfc() -> None:
    """RFC 9162, 2.1.5: seven leaves, and what is proven from three, four and six of them on."""
    seven = LEAVES[:7]
    a, b, c, d, e, f, j = seven
    g, h, i = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k, last = node_hash(g, h), node_hash(i, j)

    assert inclusion_proof(0, seven) == [b, h, last]
    assert inclusion_proof(3, seven) == [c, g, last]
    assert inclusion_proof(4, seven) == [f, j, k]
    assert inclusion_proof(6, seven) == [i, k]
    assert consistency_proof(frontier_of(seven[:3]), seven[3:]) == [c, d, g, last]
    assert consistency_proof(frontier_of(seven[:4]), seven[4:]) == [last]
    assert consistency_proof(frontier_of(seven[:6]), seven[6:]) == [i, j, k]


@given(st.integers(0, 70), st.integers(0, 70), st.randoms(use_true_random=False))
def test_whoever_appends_can_prove_it_and_whoever_changes_cannot(
    old_size: int, more: int, chance: random.Random
) -> None:
    leaves = [leaf_hash(bytes([at, 7])) for at in range(old_size + more)]
    old, new = leaves[:old_size], leaves[old_size:]
    frontier = Frontier.of(old_size, frontier_of(old).to_bytes())
    proof = consistency_proof(frontier, new)
    old_root, root, size = frontier.root(), defined_root(leaves), len(leaves)
    frontier.extend(new)

    assert frontier.root() == root
    assert is_consistent(old_size, old_root, size, root, proof)
    if old_size:
        changed = [*leaves]
        changed[chance.randrange(old_size)] = leaf_hash(b"another")
        forged = consistency_proof(frontier_of(changed[:old_size]), new)
        assert not is_consistent(old_size, old_root, size, defined_root(changed), forged)
        assert not is_consistent(old_size, old_root, size, defined_root(changed), proof)
    if size:
        index = chance.randrange(size)
        path = inclusion_proof(index, leaves)
        assert is_included(leaves[index], index, size, path, root)
        assert not is_included(leaf_hash(b"another"), index, size, path, root)
        assert not is_included(leaves[index], index, size, [*path, root], root)


def test_a_frontier_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="not the frontier"):
        Frontier.of(3, frontier_of(LEAVES[:4]).to_bytes())
