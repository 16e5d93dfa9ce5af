"""The thread of a tab: what it is given runs in turn, away from the server's own thread."""

import asyncio
import threading

import pytest

from canns.lab.worker import Worker


def test_work_runs_in_turn_in_one_other_thread():
    async def several():
        worker, seen = Worker(), []

        def note(k):
            seen.append(k)
            return threading.get_ident()

        threads = await asyncio.gather(*(worker.do(lambda k=k: note(k)) for k in range(5)))
        worker.close()
        return seen, set(threads)

    seen, threads = asyncio.run(several())
    assert seen == [0, 1, 2, 3, 4]
    assert len(threads) == 1
    assert threading.get_ident() not in threads


def test_an_error_is_raised_where_it_is_awaited():
    async def failing():
        worker = Worker()
        try:
            await worker.do(lambda: 1 / 0)
        finally:
            worker.close()

    with pytest.raises(ZeroDivisionError):
        asyncio.run(failing())


def test_the_server_goes_on_while_a_tab_computes():
    async def both():
        worker, gate = Worker(), threading.Event()
        slow = asyncio.create_task(worker.do(gate.wait))
        await asyncio.sleep(0)  # the loop is free: it gets here, and opens the gate
        gate.set()
        found = await slow
        worker.close()
        return found

    assert asyncio.run(both())


def test_a_closed_worker_drops_what_has_not_begun():
    async def closing():
        worker, gate, seen = Worker(), threading.Event(), []
        first = asyncio.create_task(worker.do(gate.wait))
        second = asyncio.create_task(worker.do(lambda: seen.append("late")))
        await asyncio.sleep(0)
        worker.close()
        gate.set()
        await first
        with pytest.raises(asyncio.CancelledError):
            await second
        return seen

    assert asyncio.run(closing()) == []
