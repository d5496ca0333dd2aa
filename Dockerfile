# ZMQ Test Bench for CI: the terminal, without the window.
#   docker build -t zmq-bench .
#   docker run --rm -v "$PWD:/work" zmq-bench run my-preset.json --json result.json
# tools/check_installation.py runs the pip commands below in a bare virtual environment, so keep one command in a line.
FROM python:3.13-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
ENV PIP_NO_CACHE_DIR=1 ZMQ_BENCH_REQUIRE_COMPILED=1
RUN pip wheel --no-deps --wheel-dir /wheels .

FROM python:3.13-slim
COPY --from=build /wheels /wheels
ENV PIP_NO_CACHE_DIR=1
RUN pip install /wheels/*.whl
# The files of a run belong to the user who called docker run, if that user is given with --user.
RUN useradd --create-home bench
USER bench
WORKDIR /work
ENTRYPOINT ["zmq-bench"]
CMD ["--help"]
