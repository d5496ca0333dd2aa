"""A small subscriber: prints topic and body of each message. Usage: subscriber.py ENDPOINT TOPIC."""

import sys

import zmq

endpoint, topic = sys.argv[1:]
context = zmq.Context()
socket = context.socket(zmq.SUB)
socket.connect(endpoint)
socket.setsockopt(zmq.SUBSCRIBE, topic.encode())
while True:
    received, message = socket.recv_multipart()
    print(received.decode(), message.decode(), flush=True)
