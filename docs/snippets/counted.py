"""A subscriber of your own that the bench counts: python counted.py ENDPOINT TOPIC RECEIPTS"""

import sys

import zmq

from bench_app import Receipts

endpoint, topic, address = sys.argv[1:]
socket = zmq.Context().socket(zmq.SUB)
socket.subscribe(topic)
socket.connect(endpoint)
with Receipts(address) as receipts:
    try:
        while True:
            frames = socket.recv_multipart()
            receipts.seen(frames)
            # Here your consumer does its work.
    except KeyboardInterrupt:
        print(f"{receipts.unstamped} messages had no stamp")
