from __future__ import annotations

import msgspec
from junitparser import Error, Failure, JUnitXml, TestCase, TestSuite

from bench_app.engine.result import CheckOutcome, RunResult
from bench_app.reports.junit import junit_xml
from tests.comparison.results import result


def read(run: RunResult) -> tuple[TestSuite, dict[str, TestCase]]:
    suites = list(JUnitXml.fromstring(junit_xml(run).encode()))
    assert len(suites) == 1
    return suites[0], {case.name: case for case in suites[0]}


def test_each_check_is_a_case_and_a_failed_one_a_failure() -> None:
    checks = [
        CheckOutcome("drops == 0", 3, False),
        CheckOutcome("rate > 1", 5.5, True),
        CheckOutcome("lost < 1", None, False),
    ]
    suite, cases = read(msgspec.structs.replace(result("fail"), checks=checks, notes=["a & b \x1b]"]))
    assert (suite.tests, suite.failures, suite.errors, suite.time) == (5, 2, 0, 10.0)
    (failure,) = cases["drops == 0"].result
    assert isinstance(failure, Failure) and failure.message == "drops == 0: the value is 3"
    assert cases["rate > 1"].is_passed
    assert cases["lost < 1"].result[0].message == "lost < 1: nothing was measured"
    assert suite._elem.findtext("system-out") == "a & b \\x1b]"


def test_a_reading_that_cannot_be_trusted_is_an_error() -> None:
    suite, cases = read(msgspec.structs.replace(result("invalid", ("the <bench> stalled", "more")), balanced=False))
    assert suite.errors == 2
    (error,) = cases["the reading can be trusted"].result
    assert isinstance(error, Error) and error.message == "the <bench> stalled"
    assert error.text == "the <bench> stalled\nmore"
    assert cases["the ledger balances"].result[0].message == "THE LEDGER DOES NOT BALANCE"
