"""Each line of the pages that a reader is to type -> **how it is tried**, or why it is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Run:
    """How a line that runs a preset is run.

    Attributes:
        seconds: how long it runs here, in place of what the preset and the line say.
        holds: checks of the result, for what a page promises of it.
        fails: the checks of the preset that a page says do not hold. The exit code is then 1.
        says: what a page quotes and the terminal prints.
        values: more values, so that what a page says comes within the time.
    """

    seconds: float = 0.2
    holds: tuple[str, ...] = ()
    fails: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


NOTHING_LOST = ("zmq-publisher: lost == 0", "zmq-publisher: drops == 0")
SLOW_LOSES = ("zmq-publisher/slow: lost > 0",)
EARLY_STALL = ("bench.listeners.camera-events[0].stall=[0.1,0.4]",)

RUN: Mapping[str, Run] = {
    "zmq-bench run silent-pub-loss --set bench.sources.events.load.rate=250": Run(
        0.5, holds=NOTHING_LOST, fails=SLOW_LOSES, says=("zmq-publisher/slow: lost > 0",)
    ),
    "zmq-bench run silent-pub-loss --duration 5 --set bench.sources.events.load.rate=250": Run(
        holds=NOTHING_LOST, fails=SLOW_LOSES
    ),
    "zmq-bench run silent-pub-loss --set output.handlers.zmq-publisher.config.high_water_mark=100000"
    " --set output.handlers.zmq-publisher.config.linger=10000": Run(0.5, holds=NOTHING_LOST, fails=SLOW_LOSES),
    "zmq-bench run hwm-ignored-over-tcp --set output.handlers.capped.uri=zmq://ipc:///tmp/capped.ipc": Run(
        1.0, holds=("capped: accepted < 1000", "capped: send_timeout > 0", "capped: lost == 0")
    ),
    "zmq-bench run no-drop --set bench.handlers.patient.no_drop=false": Run(),
    "zmq-bench run silent-pub-loss --set bench.handlers.zmq-publisher.framing=joined --set"
    " bench.handlers.zmq-publisher.start_gate=false --set 'bench.listeners.zmq-publisher[1].conflate=true'": Run(
        0.5, holds=("zmq-publisher/slow: lost > 0", "zmq-publisher/fast: lost == 0")
    ),
    "zmq-bench run silent-pub-loss --set output.handlers.zmq-publisher.config.high_water_mark=10"
    " --set 'bench.listeners.zmq-publisher[1].high_water_mark=10'": Run(),
    "zmq-bench run local-ipc --set output.handlers.local-ipc.uri=zmq://tcp://127.0.0.1:5576": Run(),
    "zmq-bench run docs/presets/late-reply.json": Run(
        2.0,
        holds=("service-client: request_timeout > 0", "service-client: retries > 0"),
        says=("no reply",),
        values=("bench.sources.service_requests.load.rate=8",),
    ),
    "zmq-bench run docs/presets/late-reply.json --set output.handlers.service-client.config.request_timeout=500": Run(
        1.0, holds=("service-client: request_timeout == 0", "service-client: retries == 0")
    ),
    "zmq-bench run docs/presets/production-multi-pattern.json --duration 3"
    " --set output.handlers.zmq-worker.sink=events": Run(holds=("zmq-worker: offered > 0",)),
    "zmq-bench run advanced-push --duration 8 --set"
    ' \'bench.sources.events.load={"shape":"steps","rates":[5000,20000,40000,80000],"each_s":2}\'': Run(),
    'zmq-bench run advanced-push --duration 5 --set \'bench.sources.events.load={"shape":"max"}\'': Run(),
    'zmq-bench run basic-publisher --set \'bench.listeners.zmq-publisher=[{"wait":"spin"}]\'': Run(),
    "zmq-bench run multi-consumer-broadcast --set bench.io_threads=2": Run(),
    "zmq-bench run basic-publisher --set bench.cpu_affinity=spread": Run(),
    "zmq-bench run docs/presets/replay.json": Run(
        4.0,
        holds=("zmq-publisher: offered == 40", "zmq-alerts: offered == 4", "drops == 0"),
        values=("bench.sources.events.load.speed=30", "bench.sources.alerts.load.speed=30"),
    ),
    "zmq-bench run docs/presets/other-host.json": Run(
        1.5,
        holds=("zmq-publisher: offered > 0", "zmq-worker: send_timeout > 0", "zmq-worker: accepted == 1000"),
        says=("no peer was ever connected",),
        # No other host is asked, and no other host may connect. Nothing listens at port 1.
        values=(
            "output.handlers.zmq-publisher.uri=zmq://tcp://127.0.0.1:*",
            "output.handlers.zmq-worker.uri=zmq://tcp://127.0.0.1:1",
            "output.handlers.zmq-request.uri=zmq://tcp://127.0.0.1:1",
        ),
    ),
    "zmq-bench run docs/presets/size-hwm.json": Run(),
    "zmq-bench run docs/presets/size-hwm.json --set output.handlers.camera-events.config.high_water_mark=2000": Run(),
    "zmq-bench run docs/presets/size-hwm-tcp.json": Run(),
    "zmq-bench run docs/presets/size-queue.json": Run(0.5, holds=("drops == 0",), values=EARLY_STALL),
    "zmq-bench run docs/presets/size-queue.json --set output.handlers.camera-events.config.queue_size=1000"
    " --set output.handlers.camera-events.config.send_timeout=100": Run(
        0.5,
        holds=("camera-events: queue_overflow > 0", "camera-events: lost == 0"),
        fails=("drops == 0",),
        values=EARLY_STALL,
    ),
    "zmq-bench run docs/presets/watch-a-push.json": Run(),
    ".venv/bin/zmq-bench run docs/presets/production-basic.json": Run(),
    "zmq-bench run docs/presets/production-basic.json": Run(holds=("drops == 0",)),
    "zmq-bench run docs/presets/tutorial-own-file.json": Run(holds=("zmq-publisher/dashboard: lost == 0",)),
    "zmq-bench run basic-publisher --duration 2 --set bench.sources.events.size=2000": Run(),
    "zmq-bench run silent-pub-loss --set 'bench.listeners.zmq-publisher[1].delay_ms=0.5'": Run(),
}
"""Lines that run a preset, in the process of the test, on free ports. Each run must balance."""

_SHIPPED = "end_to_end/test_shipped_presets.py::test_a_preset_passes_its_checks"
_PREPARED = "docs/test_console_lines.py::test_"
_SUBSCRIBER = "docs/test_pages.py::test_the_subscriber_receives"
_CONSUMERS = "docs/test_receipts.py::test_the_consumer_of_the_page_is_counted"

TRIED: Mapping[str, str] = {
    **{
        f"{program} run {preset}": _SHIPPED
        for program in ("zmq-bench", ".venv/bin/zmq-bench")
        for preset in (
            *("silent-pub-loss", "multi-pattern", "slow-joiner", "push-is-no-load-balancer", "connect-never-fails"),
            *("retrying-then-gave-up", "heartbeat-drops-the-slow", "no-drop", "linger-holds-the-exit"),
        )
    },
    "zmq-bench run silent-pub-loss --duration 5": _SHIPPED,
    **dict.fromkeys(
        (
            "zmq-bench presets",
            "zmq-bench presets basic-publisher > my.json",
            "zmq-bench presets slow-joiner > my.json",
            "zmq-bench check my.json",
            "zmq-bench run my.json",
        ),
        f"{_PREPARED}a_file_of_ones_own_begins_with_a_preset_that_ships",
    ),
    **dict.fromkeys(
        (
            "zmq-bench check docs/presets/production-basic.json",
            "zmq-bench check docs/presets/tutorial-own-file.json",
            "zmq-bench check docs/presets/other-host.json",
            "zmq-bench check docs/presets/replay.json",
        ),
        f"{_PREPARED}check_finds_the_presets_of_the_pages_good",
    ),
    "zmq-bench check docs/snippets/faulty.json": "docs/test_pages.py::test_the_faults_are_reported_as_on_the_page",
    "zmq-bench check docs/snippets/misspelt.json": "docs/test_pages.py::test_a_misspelt_key_is_noted_as_on_the_page",
    **dict.fromkeys(
        (
            "zmq-bench run docs/presets/tutorial-own-file.json --quiet --json result.json",
            "jq -r '.verdict, (.checks[] | select(.passed | not) | .check)' result.json",
        ),
        f"{_PREPARED}the_checks_that_failed_are_printed",
    ),
    **dict.fromkeys(
        (
            "zmq-bench run silent-pub-loss --duration 5 --repeat 5 --quiet --json before.json",
            "zmq-bench run silent-pub-loss --duration 5 --repeat 5 --quiet --json after.json"
            " --set bench.sources.events.load.rate=250",
            "zmq-bench compare before.json after.json",
            "zmq-bench report before.json after.json -o comparison.html",
            "zmq-bench compare base.json new.json --fail-if-worse --history history.jsonl",
        ),
        f"{_PREPARED}two_series_are_compared",
    ),
    **dict.fromkeys(
        (
            "zmq-bench run multi-pattern --duration 120",
            "zmq-bench listen tcp://127.0.0.1:5555 --type SUB --topic analytics --for 10",
            "zmq-bench listen tcp://127.0.0.1:5555 --type SUB --topic analytics --for 2",
            "zmq-bench listen tcp://127.0.0.1:5555 --type SUB --for 5",
            "zmq-bench listen tcp://127.0.0.1:5555 --type SUB --debug",
            "zmq-bench listen tcp://localhost:5555 --type SUB --record messages.jsonl --for 2",
            'zmq-bench send tcp://127.0.0.1:5557 --type REQ \'{"method": "status"}\'',
            "zmq-bench run basic-publisher",
            "zmq-bench listen bind:tcp://127.0.0.1:5555 --type PULL --for 5",
            "ss -tlnp | grep :5555",
            "ss -tnm dst 127.0.0.1:5555",
        ),
        f"{_PREPARED}a_run_is_watched_from_other_terminals",
    ),
    **dict.fromkeys(
        (
            "zmq-bench listen bind:tcp://127.0.0.1:5556 --type PULL",
            "zmq-bench send tcp://127.0.0.1:5556 --type PUSH '{\"task_id\": 1}'",
        ),
        f"{_PREPARED}an_event_goes_from_terminal_to_terminal",
    ),
    **dict.fromkeys(
        (
            "zmq-bench run multi-pattern --debug --log-file run.jsonl",
            'jq -r \'select(.unit == "zmq-publisher") | "\\(.time) \\(.event) \\(.message)"\' run.jsonl',
        ),
        f"{_PREPARED}the_log_of_a_run_is_read",
    ),
    **dict.fromkeys(
        (
            "python docs/snippets/subscriber.py tcp://127.0.0.1:5572 analytics > received.txt",
            "zmq-bench run docs/presets/tutorial-own-consumer.json --duration 5",
            "zmq-bench run docs/presets/tutorial-own-consumer.json",
            "zmq-bench run docs/presets/tutorial-own-consumer.json --duration 5 --json result.json",
            "python docs/snippets/losses.py < received.txt",
            "zmq-bench account result.json received.txt",
        ),
        f"{_PREPARED}a_consumer_of_ones_own_counts_what_it_lost",
    ),
    "g++ -std=c++17 -O2 docs/snippets/losses.cpp -o losses": "docs/test_losses.py::test_cpp",
    "./losses < received.txt": "docs/test_losses.py::test_cpp",
    "node docs/snippets/losses.mjs < received.txt": "docs/test_losses.py::test_javascript",
    "python docs/snippets/counted.py tcp://127.0.0.1:5572 analytics tcp://127.0.0.1:5599": _CONSUMERS,
    "zmq-bench run docs/presets/counted-consumer.json": _CONSUMERS,
    **dict.fromkeys(
        (
            "python docs/snippets/forwarder.py tcp://127.0.0.1:5572 analytics tcp://127.0.0.1:6000",
            "zmq-bench run docs/presets/behind-my-consumer.json",
        ),
        "docs/test_shown.py::test_a_listener_behind_a_consumer_of_your_own_counts",
    ),
    "python docs/snippets/subscriber.py tcp://127.0.0.1:5572 analytics": _SUBSCRIBER,
    "python docs/snippets/subscriber.py tcp://127.0.0.1:5555 analytics": _SUBSCRIBER,
    "python docs/examples/request_service.py": "docs/test_examples.py::test_request_response_and_its_service",
    "python docs/examples/asyncio_publisher.py": "docs/test_examples.py::test_asyncio_publisher",
    "python docs/examples/own_scheme.py": "docs/test_shown.py::test_an_example_prints_what_its_page_shows",
    'python -c "import zmq; print(zmq.pyzmq_version(), zmq.zmq_version())"': f"{_PREPARED}the_versions_are_printed",
    "zmq-bench listen tcp://127.0.0.1:5555 --type SUB --time-field metadata.sent_at --for 6": (
        "cli/test_listen.py::test_listen_measures_from_a_field_of_the_event"
    ),
    "zmq-bench listen tcp://127.0.0.1:5555 --type SUB --sequence-field header.seq --for 7": (
        "cli/test_event_sequence.py::"
    ),
    "zmq-bench listen tcp://127.0.0.1:5579 --type SUB --for 5": (
        "cli/test_listen.py::test_listen_prints_messages_sizes_and_topics"
    ),
    "zmq-bench send bind:tcp://127.0.0.1:5555 --type PUB --topic analytics.events '{\"id\": 1}'": (
        "cli/test_send.py::test_send_waits_for_a_late_receiver"
    ),
    "zmq-bench run basic-publisher --repeat 5 --json five.json": "cli/test_repeat_run.py::test_a_preset_runs_twice",
    **dict.fromkeys(
        (
            "zmq-bench run basic-publisher --repeat 10 --quiet --json base.json",
            "zmq-bench run basic-publisher --repeat 10 --quiet --json new.json",
            "zmq-bench run basic-publisher --repeat 10 --quiet --json before.json",
            "zmq-bench run basic-publisher --repeat 10 --quiet --json after.json --set bench.io_threads=2",
        ),
        f"{_PREPARED}two_series_are_compared",
    ),
    "zmq-bench run basic-publisher --duration 5 --html report.html --json result.json": (
        "cli/test_run_outputs.py::test_a_run_writes_every_format"
    ),
    "zmq-bench run advanced-push --libzmq /usr/lib/x86_64-linux-gnu/libzmq.so.5 --json debian.json": (
        "cli/test_run_command.py::test_the_workers_run_on_another_libzmq"
    ),
    "zmq-bench capacity hwm-ignored-over-tcp": (
        "cli/test_capacity_command.py::test_capacity_prints_and_writes_the_places_of_messages"
    ),
    "zmq-bench capacity multi-pattern --handler zmq-worker --json capacity.json": (
        "cli/test_capacity_command.py::test_capacity_of_one_handler_alone_on_standard_output"
    ),
    **dict.fromkeys(
        (
            "zmq-bench ab basic-publisher --a bench.io_threads=1 --b bench.io_threads=2 --pairs 10",
            "zmq-bench ab basic-publisher --b plane=python --pairs 20 --duration 5 --resume ab.jsonl --json ab.json"
            " --html ab.html",
        ),
        "cli/test_ab_command.py::test_two_settings_run_in_turns_and_are_compared",
    ),
    **dict.fromkeys(
        (
            "zmq-bench sweep basic-publisher --vary bench.io_threads=1,2,4 --vary plane=compiled,python --repeat 3"
            " --duration 2",
            "zmq-bench sweep basic-publisher --vary bench.sources.events.size=100,1000 --metric drops --resume s.jsonl"
            " --json s.json",
        ),
        "cli/test_sweep_command.py::test_a_grid_runs_and_the_same_command_goes_on_from_its_file",
    ),
    **dict.fromkeys(
        (
            "zmq-bench find push-is-no-load-balancer",
            "zmq-bench find basic-publisher --goal 'latency.response.p99_ms < 5'",
            "zmq-bench find basic-publisher --loss 0 --loss 0.001 --goal 'drops == 0'"
            " --goal 'latency.service.p99_9_ms < 1'",
        ),
        "cli/test_find_command.py::test_a_search_writes_its_trials_and_goes_on_from_its_file",
    ),
    "zmq-bench import traffic.pcap -o traffic.jsonl": (
        "cli/test_import_command.py::test_messages_of_a_publisher_have_their_topics_and_frames"
    ),
    "zmq-bench demo": "cli/test_demo_command.py::test_without_a_name_the_demos_are_listed",
    **dict.fromkeys(
        ("zmq-bench demo pub-loss", "zmq-bench demo my-demo.json --terminal --speed 100 --json result.json"),
        "end_to_end/test_demos.py::test_a_demo_comes_to_its_end_and_its_captions_are_true",
    ),
    "zmq-bench demo pub-loss --record-frames slides": (
        "bench_ui/presentation/test_frames.py::test_each_step_gives_a_picture"
    ),
    "zmq-bench silent-pub-loss --start --screenshot demo.png --after 8": (
        "cli/test_open_command.py::test_the_window_gets_the_options"
    ),
    **dict.fromkeys(
        (
            "mkdir -p ~/.local/share/applications",
            "cp .venv/share/applications/zmq-bench.desktop ~/.local/share/applications/",
            "cp -r .venv/share/icons ~/.local/share/",
        ),
        f"{_PREPARED}the_entry_for_the_desktop_is_copied",
    ),
    "zmq-bench card basic-publisher --json card.json": f"{_PREPARED}a_measurement_of_minutes_begins_and_can_be_ended",
    "zmq-bench hwm basic-publisher --stall 0.3 --proof 5": (
        f"{_PREPARED}a_measurement_of_minutes_begins_and_can_be_ended"
    ),
    "docker build -t zmq-bench .": "test_dockerfile.py::test_a_wheel_is_built_and_installed",
}
"""Lines that a test tries: in these words, or with the same command in shorter ones. The test, below ``tests``."""

_ITSELF = "the suite is a part of it"
_INSTALLS = "make installation does it in bare environments"
_ROOT = "needs root, and a program that few machines have"

NOT_TRIED: Mapping[str, str] = {
    "make run": "opens the window after it has installed everything; CI installs in the same way",
    "make test": _ITSELF,
    "make setup": "CI begins with it",
    "source .venv/bin/activate": "belongs to the shell of the reader",
    "pip wheel --no-deps --wheel-dir dist .": _INSTALLS,
    "pip install dist/zmq_bench-*.whl": _INSTALLS,
    'pip install "$(ls dist/zmq_bench-*.whl)[window]"': _INSTALLS,
    'docker run --rm --user "$(id -u):$(id -g)" -v "$PWD:/work" zmq-bench run my-preset.json --json result.json': (
        "needs a Docker daemon"
    ),
    "make bench": "takes an hour of a quiet machine",
    ".venv/bin/python -m benchmarks.truth delay stall self cost": "takes minutes of a quiet machine",
    ".venv/bin/python -m benchmarks.against_libzmq --pairs 3 --seconds 1.5 throughput latency requests cpu": (
        "takes minutes of a quiet machine"
    ),
    "telnet 192.0.2.20 5556": "another host, and a program that few machines have",
    "telnet 127.0.0.1 5555": "a program that few machines have",
    "tcpdump -i lo -n port 5555": _ROOT,
    "tcpdump -i any -w traffic.pcap tcp port 5555": _ROOT,
}
"""Lines that no test tries, and why. The targets of make and the parts of benchmarks in them are looked up."""
