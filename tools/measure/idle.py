"""What a server costs that has nothing to do, with so many runs asleep."""
import re
import time

STATEMENT = re.compile(r"^\S+ \S+ \S+ \[\d+\] (.*?) LOG:  (?:statement|execute [^:]*): ", re.M)


def statements(server):
    return sum(1 for name in STATEMENT.findall(server.postgres_log()) if name.startswith("pawl"))


def measure(server, seconds, sleepers=0):
    if sleepers:
        server.bench("sleepers", "--count", sleepers)
    time.sleep(2)  # what the load before has left to do
    before, postgres = server.metrics(), server.postgres_seconds()
    time.sleep(seconds)
    after = server.metrics()
    cpu = float(after["process_cpu_seconds_total"]) - float(before["process_cpu_seconds_total"])
    postgres = server.postgres_seconds() - postgres
    # Counted apart, since to log each statement costs processor time.
    server.set("log_statement", "all")
    time.sleep(1)
    counted = statements(server)
    time.sleep(seconds)
    counted = statements(server) - counted
    server.set("log_statement", "none")
    return {"workload": "idle", "unit": "statements", "seconds": seconds, "sleepers": sleepers,
            "perSecond": round(counted / seconds, 2), "serverCpuPercent": round(100 * cpu / seconds, 2),
            "postgresCpuPercent": round(100 * postgres / seconds, 2),
            "serverMemoryBytes": int(float(after["process_resident_memory_bytes"]))}
