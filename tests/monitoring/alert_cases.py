"""For each alert: series that make it fire, when it has to fire, and when it has to be quiet again.

Values are those of promtool, one every 15 s: `0x40` is forty-one zeros, `1+1x40` counts up. A case is at rest, ill, and at rest
again; what is not named is as in a quiet hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

INSTANCE = 'instance="castmind:8501",job="castmind"'
# Samples in an hour.
HOUR = 240
MINUTE = 4
ROUTE = 'route="/api/v1/episodes"'
CHECKS = ("database", "writes", "data_folder", "disk", "pipeline", "scheduler", "worker", "feeds", "gpu", "ollama", "library")


def named(series: str) -> str:
    """Add instance and job to a series."""
    name, brace, labels = series.partition("{")
    return f"{name}{{{INSTANCE}{',' + labels if brace else '}'}"


@dataclass(frozen=True, slots=True)
class AlertCase:
    """`ill` maps series to values. The alert has to fire at `fires`, and to be quiet at 0 and at `quiet`, in minutes.

    `interval` is that of samples and evaluations: 1m for alerts that look at hours.
    """

    alert: str
    ill: dict[str, str]
    fires: float
    quiet: float
    interval: str = "15s"

    def test(self) -> dict[str, Any]:
        length = int(self.quiet * (MINUTE if self.interval == "15s" else 1)) + 60
        series = quiet_hour(length) | self.ill
        return {
            "interval": self.interval,
            "name": self.alert,
            "input_series": [{"series": named(name), "values": values} for name, values in series.items()],
            "promql_expr_test": [
                {
                    "expr": f'count(ALERTS{{alertname="{self.alert}",alertstate="firing"}}) or vector(0)',
                    "eval_time": f"{int(minutes * 60)}s",
                    "exp_samples": [{"labels": "{}", "value": count}],
                }
                for minutes, count in ((0, 0), (self.fires, 1), (self.quiet, 0))
            ],
        }


def quiet_hour(length: int) -> dict[str, str]:
    """Return the series of a CastMind that is well and does some work."""
    still = f"x{length}"
    return {
        "up": f"1{still}",
        "castmind_ready": f"1{still}",
        **{f'castmind_check_status{{check="{name}"}}': f"0{still}" for name in CHECKS},
        'castmind_check_status{check="speech"}': f"1{still}",
        'castmind_check_status{check="access"}': f"1{still}",
        "castmind_checked_seconds": f"5{still}",
        "castmind_scheduler_lag_seconds": f"0{still}",
        "castmind_worker_ends_total": f"2{still}",
        'castmind_disk_bytes{kind="free"}': f"5e10{still}",
        'castmind_disk_bytes{kind="total"}': f"1e12{still}",
        "castmind_disk_kept_bytes": f"1e9{still}",
        'castmind_jobs{stage="transcribe",state="queued"}': f"3{still}",
        'castmind_jobs{stage="transcribe",state="running"}': f"1{still}",
        'castmind_restarts_total{part="scheduler"}': f"0{still}",
        "castmind_clock_jumps_total": f"0{still}",
        "castmind_writes_failed_total": f"0{still}",
        "castmind_queue_paused": f"0{still}",
        'castmind_stages_total{outcome="failed",stage="fetch"}': f"7{still}",
        "castmind_backup_age_seconds": f"30000{still}",
        "castmind_replica_lag_seconds": f"1{still}",
        "castmind_backups_wanted": f"1{still}",
        f'castmind_http_seconds_bucket{{{ROUTE},le="0.2"}}': f"0+100{still}",
        f'castmind_http_seconds_bucket{{{ROUTE},le="+Inf"}}': f"0+101{still}",
        f"castmind_http_seconds_count{{{ROUTE}}}": f"0+101{still}",
        'castmind_notes_delay_seconds_bucket{le="21600.0"}': f"0+1{still}",
        "castmind_notes_delay_seconds_count": f"0+1{still}",
        "scrape_samples_post_metric_relabeling": f"900{still}",
    }


def spell(well: str, ill: str, *, begins: int = 20, lasts: int = 40, after: int = 1000) -> str:
    """Return values at rest, then ill from the sample `begins` on, then at rest again."""
    return f"{well}x{begins - 1} {ill}x{lasts - 1} {well}x{after}"


def check(name: str, status: int) -> dict[str, str]:
    return {f'castmind_check_status{{check="{name}"}}': spell("0", str(status))}


# Ill from the fifth to the fifteenth minute.
CASES = (
    # 5 min + a scrape + `for` + an evaluation: detected within a minute.
    AlertCase("CastMindDown", {"up": spell("1", "0")}, 6, 16),
    AlertCase("CastMindPartFailing", check("database", 2), 6, 16),
    AlertCase("CastMindPartFailing", check("scheduler", 2), 6, 16),
    AlertCase("CastMindSavingFailed", {"castmind_writes_failed_total": "0x19 2x2000"}, 6, 12),
    AlertCase("CastMindPartLimited", check("ollama", 1), 6, 16),
    AlertCase("CastMindPartLimited", check("disk", 1), 6, 16),
    AlertCase("CastMindSchedulerLate", {"castmind_scheduler_lag_seconds": spell("0", "40")}, 6, 16),
    AlertCase("CastMindChecksOld", {"castmind_checked_seconds": spell("5", "300")}, 6, 16),
    AlertCase("CastMindPartRestarted", {'castmind_restarts_total{part="scheduler"}': "0x19 1x2000"}, 6, 17),
    AlertCase("CastMindClockJumped", {"castmind_clock_jumps_total": "0x19 1x2000"}, 6, 17),
    AlertCase("CastMindWorkerEnded", {"castmind_worker_ends_total": "2x19 3x2000"}, 6, 17),
    AlertCase(
        "CastMindDiskFills",
        {'castmind_disk_bytes{kind="free"}': "9e10x60 9e10-1.6e8x120 7e10x600"},
        178,
        570,
        "1m",
    ),
    AlertCase("CastMindQueueStuck", {'castmind_jobs{stage="transcribe",state="running"}': spell("1", "0", lasts=100)}, 21, 31),
    AlertCase("CastMindStepsFail", {'castmind_stages_total{outcome="failed",stage="fetch"}': "7x19 17x2000"}, 6, 70),
    AlertCase("CastMindBackupOld", {"castmind_backup_age_seconds": spell("30000", "300000", lasts=100)}, 90, 125, "1m"),
    AlertCase("CastMindReplicaBehind", {"castmind_replica_lag_seconds": spell("1", "35")}, 6, 16),
    AlertCase(
        "CastMindMonitoringGrows", {"scrape_samples_post_metric_relabeling": spell("900", "3000", lasts=100)}, 90, 125, "1m"
    ),
    AlertCase("CastMindAvailabilityBurnsFast", {"up": spell("1", "0", begins=HOUR)}, 65, 82),
    AlertCase("CastMindAvailabilityBurns", {"up": spell("1", "0", begins=360, lasts=25)}, 384, 430, "1m"),
    AlertCase("CastMindAvailabilitySpent", {"up": spell("1", "0", begins=600, lasts=30)}, 700, 1010, "1m"),
    AlertCase(
        "CastMindApiSlow",
        {
            f'castmind_http_seconds_bucket{{{ROUTE},le="0.2"}}': "0+100x60 6000+10x60 6600+100x300",
            f'castmind_http_seconds_bucket{{{ROUTE},le="+Inf"}}': "0+101x500",
        },
        110,
        140,
        "1m",
    ),
    AlertCase(
        "CastMindNotesLate",
        {
            'castmind_notes_delay_seconds_bucket{le="21600.0"}': "0+1x60 60+0x60 60+1x900",
            "castmind_notes_delay_seconds_count": "0+1x1020",
        },
        110,
        600,
        "1m",
    ),
)
