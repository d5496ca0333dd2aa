"""The receive loop of one listener without Python; see ``receiving.pyx``."""

from libc.stdint cimport int64_t, uint32_t, uint64_t

from bench_app.data_plane.latency_counts cimport latency_counts
from bench_app.data_plane.zmq_functions cimport zmq_functions, zmq_msg

cdef struct sequence_range:
    int64_t first
    int64_t last

cdef struct unusual_arrival:
    int64_t sequence
    int64_t intended_ns
    int64_t sent_ns
    int64_t arrival_ns
    int64_t behind_ns

# A reply that Python made, and the body of its request: `body_size` bytes at `bytes`, without the times of the stamp at
# `times_at` (-1: the body has none); the reply follows them. `bytes` is NULL in an empty place.
cdef struct known_reply:
    uint64_t hash
    int64_t body_size
    int64_t times_at
    int64_t reply_size
    char *bytes

# What a block of a recording begins with; see bench_app.recording.spool.
cdef packed struct block_head:
    char mark[4]
    uint32_t messages
    uint64_t length


cdef class Receiver:
    # State that the listener core gives before a slice, and takes after it.
    cdef public bint is_behind
    cdef public int64_t caught_up_ns
    cdef public int64_t last_message_ns
    cdef public int64_t measure_from_ns
    cdef public int64_t offering_ended_ns
    cdef public int64_t sample_due_ns
    cdef public int64_t next_recent
    cdef public int64_t first
    cdef public int64_t highest
    cdef public bint is_holding
    cdef public int64_t held_until_ns
    # What a slice found.
    cdef readonly int64_t spun_ns
    cdef readonly int error
    cdef readonly bint must_settle
    cdef bint must_answer
    cdef bint is_over

    cdef zmq_functions zmq
    cdef object _slots
    cdef object _recent
    cdef object _latencies
    cdef object _prefix
    cdef const char *prefix
    cdef int64_t prefix_length
    cdef int64_t times_at
    cdef int stamp_place
    cdef latency_counts *service
    cdef latency_counts *response
    cdef latency_counts *backlog

    cdef int wait
    cdef int wait_ms

    cdef void *socket
    cdef uint64_t *slots
    cdef int64_t *recent
    cdef int64_t recent_room
    cdef zmq_msg message

    cdef object _reply_to
    cdef bint answers
    cdef zmq_msg *frames
    cdef int frame_count
    cdef int frame_room
    cdef int body_at
    # Replies that are made without Python.
    cdef bint keeps_replies
    cdef bint is_key_known
    cdef int64_t key_times_at
    cdef known_reply *known
    cdef int next_place

    cdef sequence_range *ranges
    cdef int range_count
    cdef unusual_arrival *unusual
    cdef int unusual_count

    cdef char *sample
    cdef int64_t sample_used
    cdef int64_t sample_room
    cdef int64_t sample_size
    cdef bint is_sampling

    # The recording: the socket of its tap, NULL without one, and the tap's counters.
    cdef void *tap
    cdef object _tap_slots
    cdef uint64_t *tap_slots
    cdef int64_t tap_budget
    # The messages that are not sent to the spool yet: the bytes with those of the message at hand, and without them.
    cdef char *block
    cdef int64_t block_used, block_end, block_room
    # How many whole messages the block has, and the arrival of the first one.
    cdef int64_t block_messages, block_began_ns
    # Whether all that came of the message at hand is in the block.
    cdef bint is_tapped_whole

    cdef bint has_delay
    cdef double delay_ms
    cdef double jitter_ms
    cdef object _draws
    cdef const double *draws
    cdef int draw_count
    cdef int next_draw

    cdef int64_t _slice(self, int64_t until_ns, int64_t limit) noexcept nogil
    cdef int64_t _receive_message(self) noexcept nogil
    cdef int64_t _receive_request(self) noexcept nogil
    cdef int _receive_first(self, zmq_msg *message) noexcept nogil
    cdef int _receive_frame(self, zmq_msg *message, int flags) noexcept nogil
    cdef bint _poll(self, int wait_ms) noexcept nogil
    cdef int _spin(self, zmq_msg *message) noexcept nogil
    cdef bint _begin_tapped(self, int64_t arrival_ns) noexcept nogil
    cdef void _tap_frame(self, zmq_msg *message, int64_t size, bint is_last) noexcept nogil
    cdef bint _add_to_block(self, const void *data, int64_t size) noexcept nogil
    cdef int64_t _bytes_under_way(self) noexcept nogil
    cdef bint _is_spool_idle(self) noexcept nogil
    cdef void _send_block(self) noexcept nogil
    cdef bint _add_frame(self) noexcept nogil
    cdef void _close_frames(self) noexcept nogil
    cdef _answer(self)
    cdef bint _answer_known(self) noexcept nogil
    cdef int _send_reply(self, const char *reply, int64_t size) noexcept nogil
    cdef known_reply *_find_known(self, const char *body, int64_t size, uint64_t hash) noexcept nogil
    cdef void _keep_reply(self, const char *reply, int64_t size) noexcept
    cdef void _forget(self, known_reply *entry) noexcept nogil
    cdef void _count(self, const char *frame, int64_t size, int64_t arrival_ns) noexcept nogil
    cdef void _know_key(self, int64_t times_at) noexcept nogil
    cdef int64_t _find_times(self, const char *frame, int64_t size) noexcept nogil
    cdef void _count_stamped(self, const int64_t *numbers, int64_t arrival_ns) noexcept nogil
    cdef void _keep_unusual(self, const int64_t *numbers, int64_t arrival_ns) noexcept nogil
    cdef void _add_to_ranges(self, int64_t sequence) noexcept nogil
    cdef void _count_received(self, int64_t arrival_ns) noexcept nogil
    cdef void _sample_frame(self, zmq_msg *message, int64_t size) noexcept nogil
    cdef bint _hold(self, int64_t received_ns, int64_t until_ns) noexcept nogil
    cdef bint _finish_hold(self, int64_t until_ns) noexcept nogil
