"""Incidents: noticed by the looks of /health and by what happened, kept as rows and as reports under data/reports.

keeper (a step every ten seconds) ─▶ core.domain.incident decides ─▶ a row ─▶ closed? a report as Markdown
"""
