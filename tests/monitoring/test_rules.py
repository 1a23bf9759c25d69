"""Every alert fires in time and clears, and none sounds in a quiet hour: by the real promtool."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.monitoring.alert_cases import CASES, HOUR, AlertCase, named, quiet_hour
from tests.monitoring.promtool import MONITORING, RULES, needs_promtool, promtool, test_rules

ALERTS = [
    rule["alert"]
    for path in RULES
    for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
    if "alert" in rule
]


def test_every_alert_has_a_case() -> None:
    assert {case.alert for case in CASES} == set(ALERTS)
    assert len(set(ALERTS)) == len(ALERTS) >= 15


def test_every_alert_says_how_grave_it_is_and_what_to_do() -> None:
    for path in RULES:
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]:
            for rule in group["rules"]:
                if "alert" in rule:
                    assert rule["labels"]["severity"] in ("critical", "warning"), rule["alert"]
                    assert rule["annotations"]["summary"] and rule["annotations"]["action"]


@needs_promtool
def test_promtool_accepts_the_rules_and_the_configuration(tmp_path: Path) -> None:
    promtool("check", "rules", *map(str, RULES))
    # The token's file is made when the container starts.
    config = MONITORING.joinpath("prometheus.yml").read_text(encoding="utf-8").replace("/tmp/castmind_token", "token")
    (tmp_path / "prometheus.yml").write_text(config, encoding="utf-8")
    (tmp_path / "token").write_text("t", encoding="utf-8")
    (tmp_path / "rules").symlink_to(MONITORING / "rules")
    promtool("check", "config", str(tmp_path / "prometheus.yml"))


@needs_promtool
@pytest.mark.parametrize(
    "case",
    # Those that look at hours take seconds each.
    [
        pytest.param(case, id=f"{case.alert}-{number}", marks=() if case.interval == "15s" else pytest.mark.long)
        for number, case in enumerate(CASES)
    ],
)
def test_an_alert_fires_and_clears(case: AlertCase, tmp_path: Path) -> None:
    test_rules(tmp_path, case.test())


@needs_promtool
def test_no_alert_sounds_in_a_quiet_hour(tmp_path: Path) -> None:
    series = [{"series": named(name), "values": values} for name, values in quiet_hour(HOUR).items()]
    expected = [
        {"expr": "count(ALERTS) or vector(0)", "eval_time": f"{minutes}m", "exp_samples": [{"labels": "{}", "value": 0}]}
        for minutes in range(61)
    ]
    test_rules(tmp_path, {"interval": "15s", "input_series": series, "promql_expr_test": expected})
