"""The table of `./dev bench`, with the goals and the ratios to `floor`."""

from .goals import is_reached

COSTS = ("serverMicroseconds", "postgresMicroseconds", "clientMicroseconds")


def figure(result, path):
    for name in path:
        if not isinstance(result, dict) or name not in result:
            return None
        result = result[name]
    return result


def number(value, digits=0):
    return "–" if value is None else "{:,.{}f}".format(value, digits)


def add_ratios(rows):
    for (name, flush), row in rows.items():
        floor = figure(rows.get(("floor", flush), {}), ("perSecond",))
        if floor and name != "floor" and "latencyMicroseconds" in row:
            row["ratioToFloor"] = round(row["perSecond"] / floor, 3)
        alone = figure(row, ("aloneMicroseconds", "p99"))
        if alone:
            row["timesAlone"] = round(row["latencyMicroseconds"]["p99"] / alone, 2)


def columns(cells, widths):
    return "  ".join(cell.ljust(width) if place == 0 else cell.rjust(width) for place, (cell, width) in enumerate(zip(cells, widths))).rstrip()


def table(head, lines):
    widths = [max(len(line[place]) for line in (head, *lines)) for place in range(len(head))]
    return "\n".join(columns(line, widths) for line in (head, *lines))


def loads(rows, flush):
    head = ("workload", "in flight", "runs/s", "tasks/s", "of floor", "p50 ms", "p95 ms", "p99 ms", "p99.9 ms")
    lines = []
    for (name, of), row in rows.items():
        if of == flush and "latencyMicroseconds" in row and name != "timers":
            latency = [number(row["latencyMicroseconds"][key] / 1000, 2) for key in ("p50", "p95", "p99", "p999")]
            lines.append((name, number(row["inFlight"]), number(row["perSecond"]), number(row["tasksPerSecond"]),
                          number(row.get("ratioToFloor"), 2), *latency))
    return table(head, lines) if lines else ""


def costs(rows):
    head = ("per run", "server µs", "PostgreSQL µs", "client µs", "WAL B", "rows", "WAL B a task", "rows a task")
    lines = []
    for (name, flush), row in rows.items():
        if flush == 0 and "costs" in row:
            lines.append((name, *[number(figure(row, ("costs", "perRun", cost)), 1) for cost in COSTS],
                          *[number(figure(row, ("costs", of, what)), digits) for of in ("perRun", "perTask")
                            for what, digits in (("walBytes", 0), ("rows", 1))]))
    return table(head, lines) if lines else ""


def others(rows):
    lines = []

    def add(name, text, *paths):
        values = [figure(rows.get((name, 0), {}), path) for path in paths]
        if None not in values:
            lines.append(text % tuple(values))
    add("task-1, half", "task-1 at half load: dispatch p50 %d µs, p99 %d µs", ("dispatchMicroseconds", "p50"), ("dispatchMicroseconds", "p99"))
    add("fan-100", "fan-100: join p50 %d µs, p99 %d µs after the last result", ("joinMicroseconds", "p50"), ("joinMicroseconds", "p99"))
    add("tenants", "tenants: p99 %d µs beside the flood of %d runs/s, %d µs alone: %.2f times", ("latencyMicroseconds", "p99"), ("floodPerSecond",),
        ("aloneMicroseconds", "p99"), ("timesAlone",))
    add("timers", "timers: %d runs asleep, lateness p50 %d µs, p99 %d µs, server memory %d B (%d B before)", ("done",),
        ("latenessMicroseconds", "p50"), ("latenessMicroseconds", "p99"), ("serverMemoryBytesAsleep",), ("serverMemoryBytesBefore",))
    add("resume", "resume: %d µs with %d events, %d µs with %d", ("resumeMicroseconds",), ("events",), ("shortMicroseconds",), ("shortEvents",))
    add("recover", "recover: %d runs; the first moves %.2f s after the new process's start, the last %.2f s, all completed %.2f s", ("done",),
        ("firstMovingSeconds",), ("allMovingSeconds",), ("allCompletedSeconds",))
    add("idle", "idle: %.2f statements/s with %d runs asleep, server %.2f %% CPU, PostgreSQL %.2f %%", ("perSecond",), ("sleepers",),
        ("serverCpuPercent",), ("postgresCpuPercent",))
    return "\n".join(lines)


def judged(rows, goals):
    lines = []
    for name, wanted in goals.items():
        for goal in wanted:
            value = figure(rows.get((name, 0), {}), goal.path)
            if value is not None:
                value /= goal.scale
                lines.append((name, "%s %s %s" % ("≥" if goal.least else "≤", number(goal.value, 2 if goal.value < 1 else 0), goal.unit),
                              number(value, 2 if value < 100 else 0), "reached" if is_reached(goal, value) else "missed"))
    return table(("goal of", "goal", "figure", ""), lines) if lines else ""


def show(rows, goals):
    """`rows`: {(name, flush in ms): medians}; gets the ratios, too."""
    add_ratios(rows)
    parts = []
    for flush in sorted({flush for _, flush in rows}):
        part = loads(rows, flush)
        if part:
            parts.append(("With a simulated flush of %s ms:\n" % flush if flush else "") + part)
    parts += [costs(rows), others(rows), judged(rows, goals)]
    return "\n\n".join(part for part in parts if part)
