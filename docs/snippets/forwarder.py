"""A consumer that forwards what it received, unchanged. Usage: forwarder.py ENDPOINT TOPIC FORWARD-TO."""

import sys

import zmq

endpoint, topic, forward_to = sys.argv[1:]
context = zmq.Context()
consumer = context.socket(zmq.SUB)
consumer.connect(endpoint)
consumer.setsockopt(zmq.SUBSCRIBE, topic.encode())
forward = context.socket(zmq.PUB)
forward.bind(forward_to)
while True:
    frames = consumer.recv_multipart()
    # The work of your consumer stands here.
    forward.send_multipart(frames)
