"""M/M/1 with load 0.8 as SimPy's users write it: `python mm1.py CUSTOMERS` prints CPU seconds and the mean wait."""

import random
import sys
import time

import simpy


def customer(env, server, waits, chance):
    came = env.now
    with server.request() as turn:
        yield turn
        waits.append(env.now - came)
        yield env.timeout(chance.expovariate(1.0))


def source(env, server, customers, waits, chance):
    for _ in range(customers):
        yield env.timeout(chance.expovariate(0.8))
        env.process(customer(env, server, waits, chance))


def main():
    env, waits, chance = simpy.Environment(), [], random.Random(1)
    env.process(source(env, simpy.Resource(env, 1), int(sys.argv[1]), waits, chance))
    begun = time.process_time()
    env.run()
    print(time.process_time() - begun, sum(waits) / len(waits))


main()
