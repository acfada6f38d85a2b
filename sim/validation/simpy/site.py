"""Jobs with checkpoints on nodes that are lost: see README.md."""

import csv
import sys

import simpy


class Site:
    """Some nodes, and the times of all jobs, in milliseconds."""

    def __init__(self, env, nodes, interval, save, restore, repair):
        self.env = env
        self.nodes = simpy.Resource(env, nodes)
        self.interval, self.save, self.restore, self.repair = interval, save, restore, repair


class Job:
    """One job: its row of the trace, and what became of it."""

    def __init__(self, site, arrival, work, lives):
        self.site, self.arrival, self.work, self.lives = site, arrival, work, lives
        self.saved = self.attempts = 0
        self.start = self.end = None

    def run(self):
        site, env = self.site, self.site.env
        yield env.timeout(self.arrival)
        while self.end is None:
            node = site.nodes.request()
            yield node
            if self.start is None:
                self.start = env.now
            attempt = env.process(self.attempt(is_first=self.attempts == 0))
            if self.attempts < len(self.lives):
                env.process(self.lose(attempt, self.lives[self.attempts]))
            self.attempts += 1
            if (yield attempt):
                self.end = env.now
                site.nodes.release(node)
            else:
                env.process(self.bring_back(node))

    def attempt(self, is_first):
        """Works from the last checkpoint on; whether it came to the end."""
        site, env = self.site, self.site.env
        try:
            if not is_first:
                yield env.timeout(site.restore)
            while self.work - self.saved > site.interval:
                yield env.timeout(site.interval + site.save)
                self.saved += site.interval
            yield env.timeout(self.work - self.saved)
            return True
        except simpy.Interrupt:
            return False

    def lose(self, attempt, life):
        yield self.site.env.timeout(life)
        if attempt.is_alive:
            attempt.interrupt()

    def bring_back(self, node):
        yield self.site.env.timeout(self.site.repair)
        self.site.nodes.release(node)


def main():
    env = simpy.Environment()
    site = Site(env, *map(int, sys.argv[1:]))
    rows = [[int(cell) for cell in row] for row in csv.reader(sys.stdin)]
    jobs = [Job(site, row[0], row[1], row[2:]) for row in rows]
    for job in jobs:
        env.process(job.run())
    env.run()
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["start", "end", "attempts"])
    writer.writerows([job.start, job.end, job.attempts] for job in jobs)


main()
