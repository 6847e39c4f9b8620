#!/usr/bin/env python3
"""Writes the tables of docs/stress-report.md from reports of `sostenuto stress --json`, one table to each."""

import json
import sys

COLUMNS = [
    ("TTFA p50", "ttfa-p50-ms", "{:.0f} ms"),
    ("TTFA p95", "ttfa-p95-ms", "{:.0f} ms"),
    ("stop p99", "stop-p99-ms", "{:.1f} ms"),
    ("engine underruns", "underruns", "{:.0f}"),
    ("interruptions", "interruptions", "{:.0f}"),
    ("concealed", "concealed-ms", "{:.0f} ms"),
    ("added delay", "added-delay-ms", "{:.0f} ms"),
    ("gaps", "gaps", "{:.0f}"),
    ("stale samples", "stale-samples", "{:.0f}"),
    ("RTF", "rtf", "{:.2f}"),
    ("CPU s per audio s", "cpu-per-audio-s", "{:.2f}"),
    ("peak memory", "peak-memory-mb", "{:.0f} MB"),
    ("callback p99.9", "callback-time-p999-us", "{:.0f} µs"),
    ("lateness p99", "callback-lateness-p99-us", "{:.0f} µs"),
]


def table(report):
    """The runs of `report` as lines of a table, with the columns of which any run has a figure."""
    suites = report["suites"]
    columns = [c for c in COLUMNS if any(c[1] in judged["run"]["figures"] for judged in suites)]
    yield "| scenario | | heard | faults fired | " + " | ".join(title for title, _, _ in columns) + " |"
    yield "| --- " * (4 + len(columns)) + "|"
    for judged in suites:
        run = judged["run"]
        fired = ", ".join(f"{f['fault']} {f['count']}" for f in run["fired"]) or "none"
        word = "holds" if judged["verdict"]["passed"] else "**fails**"
        cells = [run["scenario"]["name"], word, f"{run['audio-s']:.0f} s", fired]
        for _, name, form in columns:
            value = run["figures"].get(name)
            cells.append("" if value is None else form.format(value))
        yield "| " + " | ".join(cells) + " |"


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: stress_report.py REPORT.json ...")
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            report = json.load(file)
        passed = sum(judged["verdict"]["passed"] for judged in report["suites"])
        machine = report["machine"]
        print(f"`{report['command']}`, {report['made']}, {machine['cpu']}, {machine['cores']} cores: "
              f"{passed} of {len(report['suites'])} hold.\n")
        print("\n".join(table(report)) + "\n")


if __name__ == "__main__":
    main()
