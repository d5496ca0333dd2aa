"""SHIM"""

import json


class Feed:
    def __init__(s, spec, render, reserve, duration_ns, skip):
        body = json.dumps({"a": 1, "pad": ""}).encode()
        size = spec.size if isinstance(spec.size, int) else 512
        body = json.dumps({"a": 1, "pad": "x" * max(0, size - reserve - len(body))}).encode()
        s.pool = [render(body) for _ in range(64)]
        s.k = skip
        s.d = duration_ns
        s.load = spec.load
        s.failure = None
        s.exhausted = False
        s.next_due_ns = 0
        s.rate = getattr(spec.load, "rate", None)
        s.base = 0
        s.k0 = 0

    def poll(s, now):
        if s.rate is None:
            if now >= s.d:
                s.exhausted = True
                return None
            s.k += 1
            return s.pool[s.k & 63], now
        due = s.base + int((s.k - s.k0) * 1e9 / s.rate)
        if due >= s.d:
            s.exhausted = True
            return None
        s.next_due_ns = due
        if due > now:
            return None
        s.k += 1
        return s.pool[s.k & 63], due

    def change_load(s, load, now):
        s.load = load
        s.rate = getattr(load, "rate", None)
        s.base = now
        s.k0 = s.k

    def close(s):
        pass

    ended_early = False


def open_feed(spec, *, base_dir, render, reserve, duration_ns, skip=0, objects_only=True):
    return Feed(spec, render, reserve, duration_ns, skip)
