"""What was not read, told to those whom it concerns, and to nobody else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from auditor.model import resource_id as arm
from auditor.model.report import AffectsRow, CoverageRow, UnitResult

_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(CoverageRow)


class Piece(NamedTuple):
    """What a part has of one subscription; ``subscription`` is its key."""

    part: tuple[str, str]
    subscription: str


class Place(NamedTuple):
    """Where the resources of a cluster lie: under its own id, and in the group of its nodes."""

    cluster: str
    node_group: str
    piece: Piece

    def meets(self, scope: str) -> bool:
        """Whether a scope holds any of them, or lies among them."""
        return any(
            arm.within(scope, own) or arm.within(own, scope)
            for own in (self.cluster, self.node_group)
        )


class Causes:
    """Sorts coverage rows into pieces, on disk, below a folder of their own.

    A row goes to the pieces with the clusters that it names, and names only theirs. One that
    names none goes by its scope: to the clusters in it, else to all of the subscription, and what
    concerns the whole tenant to everybody. So no row is lost, and whoever may lack something
    because of it is told.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._folder.mkdir()
        self._files: dict[Piece, Path] = {}
        self._pieces: defaultdict[str, list[Piece]] = defaultdict(list)
        self._unlisted: dict[str, Piece] = {}
        self._clusters: dict[str, Piece] = {}
        self._places: defaultdict[str, list[Place]] = defaultdict(list)
        self._rules: defaultdict[tuple[Piece, str], set[str]] = defaultdict(set)

    def know(self, part: tuple[str, str], unit: UnitResult, *, is_home: bool) -> None:
        """Learn of a piece; ``is_home``: its part speaks for the subscription itself."""
        piece = Piece(part, arm.key(unit.subscription.id))
        self._files[piece] = self._folder / f"{len(self._files):06d}.jsonl"
        self._pieces[piece.subscription].append(piece)
        if is_home and unit.subscription.status == "not_assessed":
            self._unlisted[piece.subscription] = piece
        for row in unit.clusters:
            nodes = arm.group_id(unit.subscription.id, row.node_resource_group)
            place = Place(row.id, nodes if row.node_resource_group else row.id, piece)
            self._clusters[arm.key(row.id)] = piece
            self._places[piece.subscription].append(place)
        for verdict in unit.verdicts:
            for one in verdict.coverage_ids:
                self._rules[piece, one].add(verdict.rule_id)

    def sort(self, rows: Iterable[CoverageRow]) -> None:
        """Put every row where it belongs."""
        for row in rows:
            for piece, affects in self._told(row).items():
                with self._files[piece].open("ab") as file:
                    file.write(_ENCODER.encode(msgspec.structs.replace(row, affects=affects)))
                    file.write(b"\n")

    def of(self, part: tuple[str, str], unit: UnitResult) -> tuple[CoverageRow, ...]:
        """The rows of a piece, by id."""
        file = self._files[Piece(part, arm.key(unit.subscription.id))]
        rows = _DECODER.decode_lines(file.read_bytes()) if file.exists() else []
        return tuple(sorted(rows, key=lambda row: row.id))

    def _told(self, row: CoverageRow) -> Mapping[Piece, AffectsRow]:
        named: defaultdict[Piece, list[str]] = defaultdict(list)
        for one in row.affects.clusters:
            if piece := self._clusters.get(arm.key(one)):
                named[piece].append(one)
        pieces = [*named, *self._home(row.scope)] if named else self._at(row.scope)
        return {
            piece: AffectsRow(
                clusters=tuple(named.get(piece, ())),
                rules=tuple(sorted(self._rules.get((piece, row.id), ()))),
            )
            for piece in pieces
        }

    def _home(self, scope: str) -> Iterator[Piece]:
        """Who speaks for a subscription that could not be listed, if the scope is that one."""
        piece = self._unlisted.get(arm.key(arm.subscription(scope)))
        if piece and arm.within(f"/subscriptions/{piece.subscription}", scope):
            yield piece

    def _at(self, scope: str) -> Iterable[Piece]:
        """Whom a scope concerns."""
        if piece := self._clusters.get(arm.key(scope)):
            return [piece]
        subscription = arm.key(arm.subscription(scope))
        if subscription not in self._pieces:
            return self._files
        met = {p.piece for p in self._places[subscription] if p.meets(scope)}
        met |= set(self._home(scope))
        return sorted(met) or self._pieces[subscription]
