"""The state of one compiled sender. See :mod:`bench_app.data_plane.sending`."""

from libc.stdint cimport int64_t, uint64_t

from bench_app.data_plane.latency_counts cimport LatencyCounts, latency_counts
from bench_app.data_plane.zmq_functions cimport ZmqFunctions, zmq_functions

# Memory of several events, freed when none of them is needed any more. The bytes of the events follow it, each after its
# head if their `form` has one. The end of a request that `is_watched` is kept.
ctypedef struct chunk:
    int64_t users
    int form
    int is_watched

# The end of a watched request. The frames of its reply follow, each after its size.
ctypedef struct ended:
    ended *next
    int outcome
    int64_t attempts
    int64_t waited_ns
    int64_t size

# An event that is ready to be sent. `time_ns` is the due time in a queue, and the recorded time in a supply.
# `owner` is NULL for an event of the pool.
ctypedef struct event:
    char *data
    int64_t size
    int64_t time_ns
    chunk *owner

# Events, oldest first, at `number & mask`; the ring grows.
ctypedef struct ring:
    event *events
    int64_t head
    int64_t tail
    int64_t mask

ctypedef struct sender:
    const zmq_functions *zmq
    void *socket
    int fd
    uint64_t *slots
    # The form of a message.
    int stamp_mode
    int is_joined
    int form
    char *topic
    int64_t topic_size
    char *path_topic
    int64_t path_topic_room
    char *stamp
    int64_t overhead
    # What the config says.
    int64_t queue_size
    int64_t send_timeout_ns
    int64_t request_timeout_ns
    int64_t retries
    int64_t measure_from_ns
    # The queue.
    ring queue
    int is_closed
    int waits_for
    int64_t first_tried_ns
    int64_t tried_ns
    int64_t times_full
    int retries_by_time
    # The offering.
    int is_offering
    int at_max
    int is_recorded
    double speed
    int64_t origin_ns
    int64_t duration_ns
    int64_t base_ns
    int64_t recorded_zero_ns
    int64_t dues[16384]
    int64_t dues_head
    int64_t dues_tail
    int dues_ended
    event *pool
    int64_t pool_size
    int64_t pool_next
    ring supply
    int64_t supply_bytes
    int supply_ended
    int64_t refill_ns
    int recorded_ended
    # The request in flight.
    int is_requester
    int has_request
    event request
    int64_t request_sequence
    int64_t first_sent_ns
    int64_t attempts
    int64_t attempt_ends_ns
    int is_unsent
    int is_receivable
    # The ends of watched requests, oldest first, and the frames of the reply that is being received.
    ended *first_end
    ended *last_end
    char *reply
    int64_t reply_size
    # The schedule.
    int64_t next_ns
    int is_draining
    int needs
    int error
    latency_counts *lateness
    latency_counts *offer_lateness
    latency_counts *round_trip
    # The distances between sends; `fidelity` is NULL if they are not measured.
    latency_counts *fidelity
    int64_t last_sent_ns
    int64_t last_intended_ns


cdef class Sender:
    cdef sender state
    cdef ZmqFunctions functions
    cdef object topic_text
    cdef bytearray stamp_text
    cdef bytearray pool_bytes
    cdef LatencyCounts lateness_counts
    cdef LatencyCounts offer_counts
    cdef LatencyCounts round_trip_counts
    cdef LatencyCounts fidelity_counts
    cdef int64_t size_of(self, body) except -1
    cdef bint offer_one(self, body, int64_t intended_ns, topic, bint watched) except -1
