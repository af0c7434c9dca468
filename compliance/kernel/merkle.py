"""The Merkle tree of RFC 6962: hashes, the growing edge, proofs and their verification. Pure.

A *frontier* holds the roots of the perfect subtrees that make up a tree, largest first: enough to append
and to compute the root. Proofs are computed from ``node(level, index)``, the hash of a perfect subtree
(level 0 = leaf hashes); a verifier needs nothing but the proof.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

HASH_BYTES = 32
#: The root of the tree without leaves.
EMPTY_ROOT = hashlib.sha256(b"").digest()

#: The hash of a perfect subtree by level and index.
Node = Callable[[int, int], bytes]


@dataclass(frozen=True, slots=True)
class Completed:
    """A perfect subtree of 2**level leaves that an append completed (level 1 and up)."""

    level: int
    index: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Frontier:
    """The growing edge of a tree of ``size`` leaves; one hash a one-bit of the size."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Refuse an edge that cannot belong to a tree of that size."""
        if self.size < 0 or len(self.hashes) != self.size.bit_count():
            raise ValueError(self.size)
        if any(len(h) != HASH_BYTES for h in self.hashes):
            raise ValueError(self.hashes)

    def append(self, leaf: bytes) -> tuple[Frontier, tuple[Completed, ...]]:
        """Add a leaf hash; return the new edge and the subtrees that are now complete."""
        kept, carry, completed = list(self.hashes), leaf, []
        level, size = 0, self.size
        while size >> level & 1:
            level += 1
            carry = node_hash(kept.pop(), carry)
            completed.append(Completed(level, size >> level, carry))
        return Frontier(size + 1, (*kept, carry)), tuple(completed)

    @property
    def root(self) -> bytes:
        """The root hash of the tree."""
        if not self.hashes:
            return EMPTY_ROOT
        root = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            root = node_hash(left, root)
        return root

    def packed(self) -> bytes:
        """The hashes one after the other, as the register keeps them."""
        return b"".join(self.hashes)

    @classmethod
    def unpacked(cls, size: int, packed: bytes) -> Frontier:
        """Read what :meth:`packed` wrote; ``ValueError`` if it does not fit the size."""
        parts = [packed[i : i + HASH_BYTES] for i in range(0, len(packed), HASH_BYTES)]
        return cls(size, tuple(parts))


def leaf_hash(leaf: bytes) -> bytes:
    """Hash the bytes of a leaf (section 2.1)."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two children (section 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root over leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier, _ = frontier.append(leaf)
    return frontier.root


def node_in(leaves: Sequence[bytes]) -> Node:
    """Nodes of a tree whose leaf hashes are all at hand."""
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        last = levels[-1]
        pairs = zip(last[0::2], last[1::2], strict=False)
        levels.append([node_hash(left, right) for left, right in pairs])
    return lambda level, index: levels[level][index]


# --- proofs ---------------------------------------------------------------------------------------


def inclusion_proof(index: int, size: int, node: Node) -> tuple[bytes, ...]:
    """Audit path of a leaf in a tree of that size (section 2.1.1), nearest first."""
    if not 0 <= index < size:
        raise ValueError(index)
    return tuple(_path(index, 0, size, node))


def consistency_proof(old: int, new: int, node: Node) -> tuple[bytes, ...]:
    """Proof that the tree of ``new`` leaves begins with the tree of ``old`` (section 2.1.2)."""
    if not 0 < old <= new:
        raise ValueError(old)
    return tuple(_subproof(old, 0, new, node, whole=True))


def _path(index: int, start: int, size: int, node: Node) -> Iterable[bytes]:
    if size == 1:
        return
    left = _left(size)
    if index < left:
        yield from _path(index, start, left, node)
        yield _subtree(start + left, size - left, node)
    else:
        yield from _path(index - left, start + left, size - left, node)
        yield _subtree(start, left, node)


def _subproof(old: int, start: int, size: int, node: Node, *, whole: bool) -> Iterable[bytes]:
    if old == size:
        if not whole:
            yield _subtree(start, size, node)
        return
    left = _left(size)
    if old <= left:
        yield from _subproof(old, start, left, node, whole=whole)
        yield _subtree(start + left, size - left, node)
    else:
        yield from _subproof(old - left, start + left, size - left, node, whole=False)
        yield _subtree(start, left, node)


def _left(size: int) -> int:
    """The largest power of two below a size of at least two."""
    return int(1 << (size - 1).bit_length() - 1)


def _subtree(start: int, size: int, node: Node) -> bytes:
    """Root over leaves start … start+size-1, from the perfect subtrees that make it up."""
    hashes = []
    while size:
        level = size.bit_length() - 1
        hashes.append(node(level, start >> level))
        start += 1 << level
        size -= 1 << level
    root = hashes.pop()
    while hashes:
        root = node_hash(hashes.pop(), root)
    return root


# --- verification ---------------------------------------------------------------------------------


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof shows the leaf hash at that index of the tree with that root and size."""
    if not 0 <= index < size or not _are_hashes(leaf, root, *proof):
        return False
    inner = (index ^ (size - 1)).bit_length()
    if len(proof) != inner + (index >> inner).bit_count():
        return False
    found = _chain_inner(leaf, proof[:inner], index)
    return _chain_border(found, proof[inner:]) == root


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Whether the proof shows that the new tree begins with the old one. Both hold a leaf at least."""
    if not 0 < old <= new or not _are_hashes(old_root, new_root, *proof):
        return False
    if old == new:
        return not proof and old_root == new_root
    shift = (old & -old).bit_length() - 1
    inner = ((old - 1) ^ (new - 1)).bit_length() - shift
    # A perfect old tree is its own seed; otherwise the proof begins with it.
    if old == 1 << shift:
        seed, rest = old_root, proof
    elif proof:
        seed, rest = proof[0], proof[1:]
    else:
        return False
    mask = (old - 1) >> shift
    if len(rest) != inner + (mask >> inner).bit_count():
        return False
    first = _chain_border(_chain_inner_right(seed, rest[:inner], mask), rest[inner:])
    second = _chain_border(_chain_inner(seed, rest[:inner], mask), rest[inner:])
    return first == old_root and second == new_root


def _are_hashes(*values: bytes) -> bool:
    return all(len(v) == HASH_BYTES for v in values)


def _chain_inner(seed: bytes, proof: Sequence[bytes], index: int) -> bytes:
    for i, h in enumerate(proof):
        seed = node_hash(h, seed) if index >> i & 1 else node_hash(seed, h)
    return seed


def _chain_inner_right(seed: bytes, proof: Sequence[bytes], index: int) -> bytes:
    for i, h in enumerate(proof):
        if index >> i & 1:
            seed = node_hash(h, seed)
    return seed


def _chain_border(seed: bytes, proof: Sequence[bytes]) -> bytes:
    for h in proof:
        seed = node_hash(h, seed)
    return seed
