"""Logs: JSON lines under data/logs, a file a kind, and one short readable line on stderr.

logging.getLogger(…).info(…) ─▶ records   context, fields, time, secrets out ─┬▶ log_files  data/logs/<kind>.log
                                                                               └▶ 12:03:44 INFO core.app [job 3] text
log_files ─▶ archives   full or a day old ─▶ archive/<kind>-<time>.log ─▶ .log.gz and its .idx ─▶ retention
log_search ─▶ newest first, through the files and archives that can hold what is asked
"""
