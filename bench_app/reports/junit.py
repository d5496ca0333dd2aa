"""Runs as JUnit XML: results -> **test cases**, one for each check, the ledger and the reading. Pure."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from bench_app.engine.result import RunResult, format_balance
from bench_app.untrusted.visible_text import visible

_COUNTS = ("tests", "failures", "errors")


def junit_xml(*results: RunResult) -> str:
    """The XML, a suite for each run. A failed check is a *failure*; a reading that cannot be trusted is an *error*."""
    suites = [_suite(result, f" run {number}" if len(results) > 1 else "") for number, result in enumerate(results, 1)]
    totals = {name: str(sum(int(suite.attrib[name]) for suite in suites)) for name in _COUNTS}
    root = Element("testsuites", totals)
    root.extend(suites)
    indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _suite(result: RunResult, number: str) -> Element:
    cases = [_check_case(result, number) for number in range(len(result.checks))]
    cases.append(_ledger_case(result))
    cases.append(_reading_case(result))
    failures = sum(case.find("failure") is not None for case in cases)
    errors = sum(case.find("error") is not None for case in cases)
    counts = {"tests": str(len(cases)), "failures": str(failures), "errors": str(errors)}
    suite = Element(
        "testsuite",
        {
            "name": visible(result.preset) + number,
            "timestamp": result.started_at,
            "time": f"{result.duration_s:.3f}",
            "skipped": "0",
            **counts,
        },
    )
    properties = SubElement(suite, "properties")
    for name, value in (("verdict", result.verdict), ("libzmq", result.machine.libzmq)):
        SubElement(properties, "property", {"name": name, "value": visible(value)})
    suite.extend(cases)
    if result.notes:
        SubElement(suite, "system-out").text = "\n".join(visible(note) for note in result.notes)
    return suite


def _case(result: RunResult, name: str) -> Element:
    return Element(
        "testcase", {"classname": visible(result.preset), "name": visible(name), "time": f"{result.duration_s:.3f}"}
    )


def _check_case(result: RunResult, number: int) -> Element:
    check = result.checks[number]
    case = _case(result, check.check)
    if not check.passed:
        found = "nothing was measured" if check.value is None else f"the value is {check.value:g}"
        SubElement(case, "failure", {"message": visible(f"{check.check}: {found}"), "type": "check"})
    return case


def _ledger_case(result: RunResult) -> Element:
    case = _case(result, "the ledger balances")
    if not result.balanced:
        SubElement(case, "error", {"message": format_balance(result), "type": "ledger"})
    return case


def _reading_case(result: RunResult) -> Element:
    case = _case(result, "the reading can be trusted")
    if result.verdict == "invalid":
        message = visible(result.reasons[0]) if result.reasons else "invalid"
        error = SubElement(case, "error", {"message": message, "type": "invalid"})
        error.text = "\n".join(visible(reason) for reason in result.reasons)
    return case
