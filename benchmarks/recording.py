"""A process that records walks for benchmarks.recorder, in whatever checkout it is started.

Each line of its input is the settings of a walk as JSON; it answers with the accesses and the seconds of the processor
that recording it took. It needs nothing of its checkout but the contract of core.
"""

import gc
import json
import sys
import time
from collections import deque

from core.catalog import Run

for line in sys.stdin:
    run = Run.of("conv2d", "walk", None, **json.loads(line))
    accesses = sum(len(step.accesses) for step in run.steps())
    gc.collect()
    begun = time.process_time()
    deque(run.steps(), maxlen=0)
    print(json.dumps([accesses, time.process_time() - begun]), flush=True)
