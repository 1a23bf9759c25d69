"""Sizes of images: parsing the table, limits, and measuring a layer."""

from __future__ import annotations

import gzip
import io
import os
import tarfile

from scripts.image_sizes import LIMITS, MB, RECORD, Size, complaints, layer_size, recorded, row


def test_rows_are_read_as_they_are_written() -> None:
    size = Size(793, 258)
    assert recorded(f"text\n{row('cpu', size)}\nmore") == {"cpu": size}


def test_the_benchmarks_have_a_row_for_each_target_within_its_limit() -> None:
    found = recorded(RECORD.read_text(encoding="utf-8"))
    assert found.keys() == LIMITS.keys()
    assert [complaints(target, size, size) for target, size in found.items()] == [[], []]


def test_five_percent_more_than_on_record_is_told() -> None:
    record = Size(700, 250)
    assert complaints("cpu", Size(734, 262), record) == []
    assert complaints("cpu", Size(736, 250), record) == ["cpu is 736 MB unpacked, 5.1% more than the 700 MB on record."]


def test_over_the_limit_is_told_even_when_the_record_allows_it() -> None:
    assert complaints("cpu", Size(880, 331), Size(880, 330)) == ["cpu is 331 MB packed, and 330 MB are the limit."]
    assert complaints("cpu", Size(800, 300), None) == ["docs/benchmarks.md has no row for cpu."]


def test_a_layer_is_the_bytes_of_its_files_and_its_archive_through_gzip() -> None:
    content = os.urandom(300_000)
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as archive:
        entry = tarfile.TarInfo("opt/file")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    size = layer_size(io.BytesIO(layer.getvalue()))
    assert size.unpacked == len(content) / MB
    assert size.packed == len(gzip.compress(layer.getvalue(), 6)) / MB


def test_what_is_no_layer_counts_as_nothing() -> None:
    assert layer_size(io.BytesIO(b"{}" * 1000)) == Size(0, 0)
