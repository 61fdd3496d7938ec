"""What is to be reached, on a machine with 2 cores that runs everything, with its own flush."""
from collections import namedtuple

# `path`: of the figure in a row's medians; `scale`: by which it is divided for `unit`; `least`: at least so much, else at most.
Goal = namedtuple("Goal", "path scale unit least value")


def at_least(value, unit, *path, scale=1):
    return Goal(path, scale, unit, True, value)


def at_most(value, unit, *path, scale=1):
    return Goal(path, scale, unit, False, value)


P50, P99 = ("latencyMicroseconds", "p50"), ("latencyMicroseconds", "p99")
WAL = at_most(2048, "B of WAL a task", "costs", "perTask", "walBytes")

GOALS = {
    "start": [at_least(20_000, "runs/s", "perSecond"), at_least(0.33, "of floor", "ratioToFloor"), at_most(10, "ms p99", *P99, scale=1000), WAL],
    "start, one": [at_most(1, "ms p50", *P50, scale=1000)],
    "chain-10": [at_least(100_000, "tasks/s", "tasksPerSecond"), WAL],
    "task-1": [at_least(10_000, "runs/s", "perSecond"), WAL],
    "task-1, half": [at_most(15, "ms dispatch p99", "dispatchMicroseconds", "p99", scale=1000)],
    "task-10": [at_least(40_000, "tasks/s", "tasksPerSecond"), WAL],
    "fan-100": [at_least(40_000, "tasks/s", "tasksPerSecond"), at_most(10, "ms join p99", "joinMicroseconds", "p99", scale=1000), WAL],
    "tenants": [at_most(3, "times p99 alone", "timesAlone")],
    "timers": [at_most(50, "ms late p99", "latenessMicroseconds", "p99", scale=1000),
               at_most(200, "MiB asleep", "serverMemoryBytesAsleep", scale=1 << 20)],
    "recover": [at_most(3, "s until all move", "allMovingSeconds")],
    "idle": [at_most(2, "statements/s", "perSecond"), at_most(0.5, "% CPU of the server", "serverCpuPercent")],
}


def is_reached(goal, figure):
    return figure >= goal.value if goal.least else figure <= goal.value
