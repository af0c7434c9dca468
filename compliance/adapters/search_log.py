"""What the log says has changed: the natural keys that its leaves name, and those in the manifests beside them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, BinaryIO

from compliance.adapters.search_parts import CASE, DOCUMENT, Names, typed
from compliance.core.imports.manifest import VERSION
from compliance.core.imports.use_case import MANIFEST_TYPE
from compliance.core.judged import NONCONFORMITY, OCCURRENCE
from compliance.kernel.errors import ComplianceError

#: Opens a file of the vault by its digest.
Manifests = Callable[[str], BinaryIO]
#: Things that are followed; where more have changed, the whole plant is compared.
MOST_NAMES = 1_500
#: How manifests of judgements and of imports are kept.
LINES = frozenset({"application/jsonl", MANIFEST_TYPE})
#: What nothing that can be found depends on; a leaf of any other kind makes the whole plant be compared.
_APART = frozenset({"absence", "factor", "feed", "person", "rules", "token", "user"})


class _Whole(Exception):
    """The whole plant has to be compared."""


def names_in(leaves: Iterable[bytes], manifests: Manifests) -> Names | None:
    """What the leaves have changed; None where it has to be found out by comparing everything."""
    names: dict[str, set[tuple[object, ...]]] = defaultdict(set)
    try:
        for leaf in leaves:
            for table, key in _named_in(json.loads(leaf), manifests):
                names[table].add(key)
                if sum(map(len, names.values())) > MOST_NAMES:
                    return None
    except (_Whole, ComplianceError, ValueError, KeyError, TypeError):
        return None
    return names


def _named_in(leaf: Mapping[str, Any], manifests: Manifests) -> Iterable[tuple[str, tuple[object, ...]]]:
    kind, name = str(leaf["object"]["type"]), str(leaf["object"]["id"])
    if kind == "plant":
        lines = [file["sha256"] for file in leaf["objects"] if file["type"] in LINES]
        if leaf["objects"] and not lines:
            raise _Whole
        for digest in lines:
            yield from _written(manifests, digest)
        return
    if kind in _APART:
        return
    if kind not in {OCCURRENCE, NONCONFORMITY, DOCUMENT}:
        raise _Whole
    yield CASE, (kind, name)
    if kind != OCCURRENCE:
        yield kind, (name.partition("/")[0],)
        return
    obligation, _slash, rest = name.partition("/")
    subject, _slash, period = rest.rpartition("/")
    yield OCCURRENCE, (obligation, subject, period)


def _written(manifests: Manifests, digest: str) -> Iterable[tuple[str, tuple[object, ...]]]:
    """The rows that a manifest wrote; what it took away has no row any more by which the index knows it."""
    with manifests(digest) as file:
        for line in file:
            said = json.loads(line)
            if "t" not in said and said["v"] == VERSION:
                continue  # the head of an import's
            key = typed(said["t"], said["k"])
            if key is None or said["new"] is None:
                raise _Whole
            yield said["t"], key
