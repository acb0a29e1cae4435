"""Parsing in several processes, of which each has its own interpreter."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from queue import SimpleQueue
from typing import IO

from telemap.code.parsing import Reading, parse
from telemap.code.wrappers import Wrappers
from telemap.model.code import CodeFile

Content = tuple[CodeFile, bytes]

# A process needs a fifth of a second to start, in which another parses a megabyte.
BYTES_A_WORKER = 4_000_000
MOST_WORKERS = 8
BYTES_A_BATCH = 500_000

# Of multiprocessing, "fork" may stop for ever beside the threads of other libraries, and "spawn" runs a program's main
# module once more.
_COMMAND = "from telemap.code.workers import work; work()"


def parse_all(files: Iterable[Content], size_bytes: int, *wrappers: Wrappers) -> Iterator[Reading]:
    """What ``parse`` finds in each file, in their order, by as many processes as pay for ``size_bytes`` of them."""
    count = min(_cores(), MOST_WORKERS, size_bytes // BYTES_A_WORKER)
    if count < 2 or not sys.executable:
        for file, data in files:
            yield parse(file, data, *wrappers)
        return
    with ExitStack() as stack:
        idle: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
        for _ in range(count):
            idle.put(stack.enter_context(_worker()))  # which ends with its input
        pool = stack.enter_context(ThreadPoolExecutor(count, "telemap-parse"))

        def parsed(batch: Sequence[Content]) -> list[Reading]:
            worker = idle.get()
            try:
                assert worker.stdin is not None
                assert worker.stdout is not None
                _send((batch, wrappers), worker.stdin)
                found: list[Reading] = pickle.load(worker.stdout)
                return found
            finally:
                idle.put(worker)

        waiting: deque[Future[list[Reading]]] = deque()
        for batch in _batches(files):
            waiting.append(pool.submit(parsed, batch))
            if len(waiting) > 2 * count:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()


def work() -> None:
    """Parse batches from standard input to standard output until it ends: what a worker runs."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it ends it
    with suppress(EOFError, BrokenPipeError):
        while True:
            batch: Sequence[Content]
            batch, wrappers = pickle.load(sys.stdin.buffer)
            _send([parse(file, data, *wrappers) for file, data in batch], sys.stdout.buffer)


def _send(value: object, stream: IO[bytes]) -> None:
    pickle.dump(value, stream, pickle.HIGHEST_PROTOCOL)
    stream.flush()


def _worker() -> subprocess.Popen[bytes]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-P", "-c", _COMMAND]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)


def _batches(files: Iterable[Content]) -> Iterator[list[Content]]:
    batch: list[Content] = []
    size_bytes = 0
    for file, data in files:
        batch.append((file, data))
        size_bytes += len(data)
        if size_bytes >= BYTES_A_BATCH:
            yield batch
            batch, size_bytes = [], 0
    if batch:
        yield batch


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
