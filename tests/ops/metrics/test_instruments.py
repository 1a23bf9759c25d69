from __future__ import annotations

from prometheus_client import generate_latest

from core.ops.metrics.instruments import HTTP_BUCKETS, Instruments


def test_each_castmind_has_a_registry_of_its_own() -> None:
    first, second = Instruments(), Instruments()
    first.audio_seconds.inc(60)
    assert first.registry.get_sample_value("castmind_audio_seconds_total") == 60.0
    assert second.registry.get_sample_value("castmind_audio_seconds_total") == 0.0


def test_the_process_is_measured_and_no_series_tells_when_it_began() -> None:
    made = Instruments()
    made.polls.labels("answered").inc()
    text = generate_latest(made.registry).decode()
    assert "process_cpu_seconds_total" in text and "process_resident_memory_bytes" in text and "process_open_fds" in text
    assert "_created" not in text


def test_the_aim_of_the_api_is_a_bucket() -> None:
    assert 0.2 in HTTP_BUCKETS
