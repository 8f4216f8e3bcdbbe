"""Merkle trees as RFC 9162 has them (section 2.1): roots, inclusion and consistency proofs. Pure.

A `Frontier` holds what is needed to go on: the roots of the complete subtrees at the left, largest
first. From it and the leaves that came since, the new root and the proof that nothing before was
changed are made without reading the old leaves.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes: MTH of RFC 9162, 2.1.1."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


@dataclass(slots=True)
class Frontier:
    """The complete subtrees of a tree of `size` leaves, largest (leftmost) first."""

    size: int = 0
    nodes: list[bytes] = field(default_factory=list)

    def append(self, leaf: bytes) -> None:
        """Take one more leaf hash: as many joins as there are trailing ones in `size`."""
        node, left = leaf, self.size
        while left & 1:
            node = node_hash(self.nodes.pop(), node)
            left >>= 1
        self.nodes.append(node)
        self.size += 1

    def extend(self, leaves: Iterable[bytes]) -> None:
        for leaf in leaves:
            self.append(leaf)

    def root(self) -> bytes:
        if not self.nodes:
            return EMPTY_ROOT
        *others, root = self.nodes
        for node in reversed(others):
            root = node_hash(node, root)
        return root

    def to_bytes(self) -> bytes:
        return b"".join(self.nodes)

    @classmethod
    def of(cls, size: int, raw: bytes) -> "Frontier":
        """Raises ValueError when the bytes are not the subtrees of so many leaves."""
        if len(raw) != HASH_BYTES * size.bit_count():
            raise ValueError("not the frontier of a tree of this size")
        return cls(size, [raw[at : at + HASH_BYTES] for at in range(0, len(raw), HASH_BYTES)])


def inclusion_proof(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH of RFC 9162, 2.1.3.1: from the leaf upwards. Raises IndexError for no such leaf."""
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    if len(leaves) == 1:
        return []
    cut = _split(len(leaves))
    if index < cut:
        return [*inclusion_proof(index, leaves[:cut]), root_of(leaves[cut:])]
    return [*inclusion_proof(index - cut, leaves[cut:]), root_of(leaves[:cut])]


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """RFC 9162, 2.1.3.2."""
    if not 0 <= index < size:
        return False
    at, last, node = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            node = node_hash(step, node)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            node = node_hash(node, step)
        at, last = at >> 1, last >> 1
    return last == 0 and node == root


def consistency_proof(old: Frontier, since: Sequence[bytes]) -> list[bytes]:
    """PROOF(old.size, D[old.size + len(since)]) of RFC 9162, 2.1.4.1, without the old leaves.

    Every node it names is either a complete subtree of the old tree or over new leaves alone.
    """
    size = old.size + len(since)
    if old.size == 0 or not since:
        return []
    proof = _Proof(old, since).between(old.size, 0, size, is_whole=True)
    assert proof is not None
    return proof


@dataclass(frozen=True, slots=True)
class _Proof:
    """SUBPROOF of RFC 9162 over leaves begin..end, with roots of the old tree from its frontier."""

    old: Frontier
    since: Sequence[bytes]

    def between(self, count: int, begin: int, end: int, *, is_whole: bool) -> list[bytes]:
        if count == end - begin:
            return [] if is_whole else [self._old_root(begin, end)]
        cut = _split(end - begin)
        if count <= cut:
            left = self.between(count, begin, begin + cut, is_whole=is_whole)
            return [*left, self._new_root(begin + cut, end)]
        right = self.between(count - cut, begin + cut, end, is_whole=False)
        return [*right, self._old_root(begin, begin + cut)]

    def _new_root(self, begin: int, end: int) -> bytes:
        return root_of(self.since[begin - self.old.size : end - self.old.size])

    def _old_root(self, begin: int, end: int) -> bytes:
        """Over old leaves that are whole subtrees of the frontier, one or several at its end."""
        at, found = 0, Frontier()
        left = self.old.size
        for node in self.old.nodes:
            width = 1 << (left.bit_length() - 1)
            if begin <= at and at + width <= end:
                found.nodes.append(node)
            at, left = at + width, left - width
        return found.root()


def is_consistent(
    old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the tree of `size` leaves begins with the old one: RFC 9162, 2.1.4.2."""
    if old_size == size:
        return not proof and old_root == root
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT
    if not 0 < old_size < size or not proof:
        return False
    path = [old_root, *proof] if old_size & (old_size - 1) == 0 else [*proof]
    at, last = old_size - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old_node = node = path[0]
    for step in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old_node, node = node_hash(step, old_node), node_hash(step, node)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            node = node_hash(node, step)
        at, last = at >> 1, last >> 1
    return last == 0 and old_node == old_root and node == root


def _split(count: int) -> int:
    """The largest power of two below `count`, which is at least 2."""
    return 1 << ((count - 1).bit_length() - 1)
