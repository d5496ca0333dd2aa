from __future__ import annotations

import msgspec

from bench_app.lab.hwm_text import measured_text, price_text, proof_text
from tests.lab.made_results import RECOMMENDATION


def test_price_and_proof_are_sentences() -> None:
    assert price_text(RECOMMENDATION) == "It costs 0.6 MB when all is full, and then the oldest message is 600 ms old."
    assert proof_text(RECOMMENDATION) == "Proof: 0 of 20 runs lost something; with half of the marks, 20 of 20."
    assert measured_text(RECOMMENDATION) == "Now: capacity 1,002, longest burst 1,000."


def test_what_was_not_measured_has_no_sentence() -> None:
    empty = msgspec.structs.replace(RECOMMENDATION, recommended={}, proof=None, capacity=None)
    assert (price_text(empty), proof_text(empty), measured_text(empty)) == ("", "", "")
    small = msgspec.structs.replace(RECOMMENDATION, memory_bytes=900, burst=None)
    assert "0.9 kB" in price_text(small) and measured_text(small).endswith("not measured.")
