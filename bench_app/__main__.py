"""``python -m bench_app`` is the command ``zmq-bench``."""

from bench_app.start import main

if __name__ == "__main__":
    main()
