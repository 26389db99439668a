#!/usr/bin/env python3
"""Counts test cases in JUnit XML files (GoogleTest, CTest, Vitest, Playwright, Python, …) for ./test.

Usage: count_tests.py [--ctest CTEST.xml --cases DIR] [FILE…]      prints "PASSED FAILED SKIPPED"

A file that is missing, unreadable or without a test case counts as one failure: a suite that said nothing did not pass.
With --ctest, each entry of CTest's own report is replaced by the cases of DIR/<program>.xml where the program wrote one; an
entry that failed although all of its cases passed (a leak, a crash at exit) is one failure more."""
import argparse
import pathlib
import sys
import xml.etree.ElementTree as ET


def count(path: pathlib.Path) -> tuple[int, int, int]:
    """Passed, failed, skipped cases of one file."""
    try:
        cases = list(ET.parse(path).getroot().iter("testcase"))
    except (OSError, ET.ParseError) as error:
        print(f"{path}: {error}", file=sys.stderr)
        return 0, 1, 0
    if not cases:
        print(f"{path}: no test case in it", file=sys.stderr)
        return 0, 1, 0
    failed = sum(1 for c in cases if c.find("failure") is not None or c.find("error") is not None)
    skipped = sum(1 for c in cases if c.find("skipped") is not None or c.get("status") in ("notrun", "disabled"))
    return len(cases) - failed - skipped, failed, skipped


def count_ctest(report: pathlib.Path, cases: pathlib.Path) -> tuple[int, int, int]:
    """The entries of a CTest report, with the cases of GoogleTest programs in their place (unit.a_b ran a_b_test)."""
    try:
        entries = list(ET.parse(report).getroot().iter("testcase"))
    except (OSError, ET.ParseError) as error:
        print(f"{report}: {error}", file=sys.stderr)
        return 0, 1, 0
    if not entries:
        print(f"{report}: no test in it", file=sys.stderr)
        return 0, 1, 0
    passed = failed = skipped = 0
    for entry in entries:
        ok = entry.get("status") == "run" and entry.find("failure") is None
        own = cases / (entry.get("name", "").removeprefix("unit.") + "_test.xml")
        if own.exists():
            p, f, s = count(own)
            passed, failed, skipped = passed + p, failed + f + (1 if not ok and f == 0 else 0), skipped + s
        else:
            passed, failed = (passed + 1, failed) if ok else (passed, failed + 1)
    return passed, failed, skipped


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ctest", type=pathlib.Path)
    parser.add_argument("--cases", type=pathlib.Path)
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    arguments = parser.parse_args()
    counts = [count(file) for file in arguments.files]
    if arguments.ctest:
        counts.append(count_ctest(arguments.ctest, arguments.cases))
    print(*(sum(column) for column in zip(*counts)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
