"""The reference of single responses: pgbench with one prepared INSERT in each transaction, into a
table like suara.response with its primary key."""

import math

from meter import BenchError, cpu, percentile
from stage import WARM

TABLE = "suara.single"
SCRIPT = f"""\\set hash random(1, 1000000000)
INSERT INTO {TABLE} (office_id, service_id, received, hash, id, instrument_id, channel, stakeholder,
 perspective, sex, age, education, occupation, ratings)
 VALUES (1 + :client_id % 20, 1, now(), :hash, gen_random_uuid(), 1, 1, 1, 1, 1, 3, 0, 0, '\\x040304040403040404');
"""


class Pgbench:
    """of a Stage; the table is made anew by empty()."""

    def __init__(self, stage):
        self.stage = stage
        self.script, self.logs = stage.data / "insert.sql", stage.data / "pgbench"
        self.script.write_text(SCRIPT)

    def empty(self):
        self.stage.copied(TABLE)

    def run(self, clients, seconds, rate=None):
        """Its figures by the same rules as those of load.c: the first WARM seconds do not count, and
        with a rate time counts from the moment a transaction was due."""
        for old in self.logs.parent.glob(f"{self.logs.name}.*"):
            old.unlink()
        words = ["pgbench", "-n", "-M", "prepared", "-c", clients, "-j", 1, "-T", math.floor(seconds + WARM) + 1,
                 "-f", self.script, "--log", f"--log-prefix={self.logs}", *(["-R", rate] if rate else []),
                 self.stage.stack.db.conninfo()]
        before = cpu(self.stage.stack.db.server.pid)
        self.stage.timed(*words)
        spent = cpu(self.stage.stack.db.server.pid) - before
        done = []    # (completed, due), in us
        for log in self.logs.parent.glob(f"{self.logs.name}.*"):
            with open(log, encoding="ascii") as lines:
                for line in lines:
                    _, _, took, _, second, micro = line.split()[:6]
                    ended = int(second) * 1000000 + int(micro)
                    done.append((ended, ended - int(took)))
        if not done:
            raise BenchError("pgbench logged no transaction")
        first = min(due for _, due in done) + WARM * 1e6
        last = first + seconds * 1e6
        which = 1 if rate else 0
        took = sorted(ended - due for ended, due in done if first <= (ended, due)[which] < last)
        return {"clients": clients, "rate": len(took) / seconds, "timed": len(took), "p50": percentile(took, 0.5),
                "p99": percentile(took, 0.99), "p999": percentile(took, 0.999), "db_cpu_us": spent / len(done) * 1e6}
