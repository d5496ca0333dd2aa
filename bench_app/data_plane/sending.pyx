# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""The send loop without Python: prepared events -> **queue -> socket**, paced, for one handler or for a hundred.

A *sender* is the compiled counterpart of :class:`bench_app.handlers.core.HandlerCore` and of its subclasses for PUB and
REQ, and has the same rules: read them there. :func:`run_senders` drives many senders from one schedule. It offers each
event at its due time, moves the queues into the sockets, and sleeps in between. It runs without the interpreter lock,
touches no Python object, and returns after a slice of some milliseconds, or as soon as a sender
*needs* Python, for one of the reasons in :mod:`bench_app.data_plane.needs`.

The counters are written where the Python core writes them, before and after each send, so a process that is killed
inside the loop leaves the same books.

A body is copied once, into memory that the loop owns: the pool of a synthetic source as one block, events of a file a
block at a time. The stamp is patched into this memory, and libzmq copies it during the send.

Messages that differ in topic or frames have a *head* before their bytes; :mod:`bench_app.handlers.headed_body` has the
forms.
"""

from libc.errno cimport EAGAIN, EINTR, ENOMEM
from libc.stdint cimport int64_t, uint64_t, uintptr_t
from libc.stdlib cimport calloc, free, malloc, realloc
from libc.string cimport memcpy, memset

import sys

import zmq

from bench_app.data_plane.clock cimport sleep_exactly
from bench_app.data_plane.latency_counts cimport LatencyCounts, count_latency
from bench_app.data_plane.stamp_digits cimport write_times
from bench_app.data_plane.zmq_functions cimport (
    DONTWAIT,
    POLLIN,
    POLLOUT,
    SNDMORE,
    ZmqFunctions,
    awaited,
    descriptor_of,
    zmq_functions,
    zmq_msg,
)

from bench_app.data_plane import needs
from bench_app.handlers.headed_body import text_head
from bench_app.handlers.request_end import RequestEnd, RequestOutcome
from bench_app.measure import clock
from bench_app.measure.counters import HandlerSlot
from bench_app.transport import stamp

PUMP_BATCH = 256
"""The most messages of one sender before the others get their turn."""
OFFER_BATCH = 256
"""The most events that are offered before the queue is pumped."""
ROOM_POLL_NS = clock.NS_PER_MS
"""The longest time between two tries of a full XPUB that does not drop: it always says that it is writable."""
SUPPLY_WAIT_NS = clock.NS_PER_MS
DUES = 16384
"""The most due times that a sender holds."""
FEW_DUES = 8192
FEW_EVENTS = 1024
"""A sender that has fewer events of a file than this asks for more, if they also have fewer bytes than FEW_BYTES."""
FEW_BYTES = 1024 * 1024
FIRST_CAPACITY = 1024
MOST_REPLY_BYTES = 65536
"""A reply of more bytes is kept without the frames that do not fit."""
OUTCOMES = (RequestOutcome.REPLIED, RequestOutcome.NO_REPLY, RequestOutcome.NOT_SENT, RequestOutcome.ABORTED)

# The same numbers, for code without Python.
cdef int64_t FAR_NS = clock.NEVER_NS
cdef int64_t MS = clock.NS_PER_MS
cdef int _PUMP_BATCH = PUMP_BATCH
cdef int _OFFER_BATCH = OFFER_BATCH
cdef int64_t _ROOM_POLL_NS = ROOM_POLL_NS
cdef int64_t _SUPPLY_WAIT_NS = SUPPLY_WAIT_NS
cdef int64_t _FEW_DUES = FEW_DUES
cdef int64_t _FEW_EVENTS = FEW_EVENTS
cdef int64_t _FEW_BYTES = FEW_BYTES
cdef int _NEEDS_DUES = needs.DUES
cdef int _NEEDS_EVENTS = needs.EVENTS
cdef int _UNDERRUN = needs.UNDERRUN
cdef int _IS_IDLE = needs.IDLE
cdef int _HAS_FAILED = needs.FAILED
cdef int64_t _MOST_REPLY_BYTES = MOST_REPLY_BYTES

cdef int OFFERED = int(HandlerSlot.OFFERED)
cdef int QUEUE_OVERFLOW = int(HandlerSlot.QUEUE_OVERFLOW)
cdef int SEND_TIMEOUT = int(HandlerSlot.SEND_TIMEOUT)
cdef int ABORTED = int(HandlerSlot.ABORTED)
cdef int ACCEPTED = int(HandlerSlot.ACCEPTED)
cdef int ATTEMPTED = int(HandlerSlot.ATTEMPTED)
cdef int BYTES = int(HandlerSlot.BYTES)
cdef int REPLIED = int(HandlerSlot.REPLIED)
cdef int REQUEST_TIMEOUT = int(HandlerSlot.REQUEST_TIMEOUT)
cdef int RETRIES = int(HandlerSlot.RETRIES)

cdef int64_t TIMES_AT = stamp.TIMES_AT
cdef int64_t IDENTITY_LENGTH = stamp.IDENTITY_LENGTH
cdef int64_t TEXT_LENGTH = stamp.TEXT_LENGTH
cdef int64_t TIMES_LENGTH = stamp.TIMES_LENGTH
cdef int64_t DUES_MASK = DUES - 1

cdef enum:
    STAMP_OFF
    STAMP_FIELD
    STAMP_FRAME

STAMP_MODES = {"off": STAMP_OFF, "field": STAMP_FIELD, "frame": STAMP_FRAME}

# The forms of events. The last number of a head is just before the bytes of its event.
cdef enum:
    PLAIN  # No head: the message has the topic of the sender.
    PATHS  # What follows the topic of the sender after a dot, and its size.
    FRAMES  # The size of each frame, the last frame first, and how many there are. The bytes are those of all frames.
    TOPICS  # A topic instead of that of the sender, and its size.

FORMS = {"plain": PLAIN, "paths": PATHS, "frames": FRAMES}

cdef enum:
    WAITS_FOR_NOTHING
    WAITS_FOR_ROOM
    WAITS_FOR_REPLY
    WAITS_FOR_COMMANDS  # A full XPUB: there is no event to wait for, but it learns that a peer has read messages.


# The places in OUTCOMES.
cdef enum:
    REPLIED_END
    NO_REPLY_END
    NOT_SENT_END
    ABORTED_END


# --- rings of events -------------------------------------------------------------------------------------------------


cdef int open_ring(ring *events) noexcept nogil:
    events.events = <event *>malloc(1024 * sizeof(event))
    events.head = events.tail = 0
    events.mask = 1023
    return 0 if events.events != NULL else -1


cdef int push(ring *events, const event *added, int64_t time_ns) noexcept nogil:
    """Add an event with another time at the end. Returns -1, and adds nothing, if there is no memory."""
    cdef event *grown
    cdef int64_t number, mask
    if events.tail - events.head > events.mask:
        mask = 2 * events.mask + 1
        grown = <event *>malloc((mask + 1) * sizeof(event))
        if grown == NULL:
            return -1
        number = events.head
        while number < events.tail:
            grown[number & mask] = events.events[number & events.mask]
            number += 1
        free(events.events)
        events.events = grown
        events.mask = mask
    # Copied from where it lies, once: a copy that is read again before its parts have reached the cache has to wait.
    grown = &events.events[events.tail & events.mask]
    grown[0] = added[0]
    grown.time_ns = time_ns
    events.tail += 1
    return 0


cdef inline void drop(const event *dropped) noexcept nogil:
    """Give up an event. The memory of its block is freed with the last of its events."""
    if dropped.owner != NULL:
        dropped.owner.users -= 1
        if not dropped.owner.users:
            free(dropped.owner)


cdef inline void pop(ring *events) noexcept nogil:
    drop(&events.events[events.head & events.mask])
    events.head += 1


cdef void clear(ring *events) noexcept nogil:
    while events.head != events.tail:
        pop(events)


# --- watched requests: queue -> kept ends -------------------------------------------------------------------------------


cdef inline bint is_watched(const event *request) noexcept nogil:
    return request.owner != NULL and request.owner.is_watched


cdef void note_end(sender *s, const event *request, int outcome, int64_t attempts, int64_t waited_ns) noexcept nogil:
    """Keep the end of a request, if it is watched. Without memory it is not kept."""
    cdef ended *added
    cdef int64_t size = s.reply_size if outcome == REPLIED_END else 0
    if not is_watched(request):
        return
    added = <ended *>malloc(sizeof(ended) + size)
    if added == NULL:
        return
    added.next = NULL
    added.outcome = outcome
    added.attempts = attempts
    added.waited_ns = waited_ns
    added.size = size
    if size:
        memcpy(<char *>added + sizeof(ended), s.reply, size)
    if s.last_end == NULL:
        s.first_end = added
    else:
        s.last_end.next = added
    s.last_end = added


cdef void keep_frame(sender *s, zmq_msg *message) noexcept nogil:
    """Keep a frame of a reply, after its size, if there is room."""
    cdef int64_t size = s.zmq.msg_size(message)
    if s.reply == NULL or s.reply_size + size + <int64_t>sizeof(int64_t) > _MOST_REPLY_BYTES:
        return
    memcpy(s.reply + s.reply_size, &size, sizeof(int64_t))
    memcpy(s.reply + s.reply_size + sizeof(int64_t), s.zmq.msg_data(message), size)
    s.reply_size += size + <int64_t>sizeof(int64_t)


# --- queue -> socket --------------------------------------------------------------------------------------------------


cdef inline int form_of(const event *sent) noexcept nogil:
    return PLAIN if sent.owner == NULL else sent.owner.form


cdef inline int64_t head_number(const event *sent, int64_t number) noexcept nogil:
    """A number of the head of an event; 0 is the last one."""
    cdef int64_t value
    memcpy(&value, sent.data - (number + 1) * <int64_t>sizeof(int64_t), sizeof(int64_t))
    return value


cdef inline const char *head_text(const event *sent) noexcept nogil:
    """The text of a head, which its size follows."""
    return sent.data - sizeof(int64_t) - head_number(sent, 0)


cdef inline int64_t bytes_of(sender *s, const event *sent) noexcept nogil:
    """The size of a message, all frames."""
    cdef int64_t size = sent.size + s.overhead
    cdef int form = form_of(sent)
    if form == PLAIN or form == FRAMES:
        return size
    if form == TOPICS:
        return size + head_number(sent, 0) - s.topic_size
    return size + head_number(sent, 0) + (s.topic_size > 0) if head_number(sent, 0) else size


cdef int64_t join_path(sender *s, const event *sent) noexcept nogil:
    """Write the topic of an event that has a path into ``path_topic``. Returns its size, or -1 without memory."""
    cdef int64_t path_size = head_number(sent, 0), at = s.topic_size
    cdef char *grown
    if s.path_topic_room < at + 1 + path_size:
        grown = <char *>realloc(s.path_topic, at + 1 + path_size)
        if grown == NULL:
            return -1
        s.path_topic = grown
        s.path_topic_room = at + 1 + path_size
    memcpy(s.path_topic, s.topic, at)
    if at and path_size:
        s.path_topic[at] = b"."
        at += 1
    memcpy(s.path_topic + at, head_text(sent), path_size)
    return at + path_size


cdef int send_frames(sender *s, const event *sent, int more) noexcept nogil:
    """Send the frames of an event. ``more`` is SNDMORE if a stamp follows."""
    cdef int64_t count = head_number(sent, 0), number, size
    cdef const char *at = sent.data
    for number in range(1, count + 1):
        size = head_number(sent, number)
        if s.zmq.send(s.socket, at, size, DONTWAIT | (SNDMORE if number < count else more)) < 0:
            return -1
        at += size
    return 0


cdef int send_joined(sender *s, event *sent, const char *topic, int64_t topic_size) noexcept nogil:
    """Send topic, blank and body in one frame."""
    cdef zmq_msg message
    cdef char *at
    cdef int flags = DONTWAIT | (SNDMORE if s.stamp_mode == STAMP_FRAME else 0)
    if s.zmq.msg_init_size(&message, topic_size + 1 + sent.size) < 0:
        return -1
    at = <char *>s.zmq.msg_data(&message)
    memcpy(at, topic, topic_size)
    at[topic_size] = b" "
    memcpy(at + topic_size + 1, sent.data, sent.size)
    if s.zmq.msg_send(&message, s.socket, flags) < 0:
        s.error = s.zmq.last_error()
        s.zmq.msg_close(&message)
        return -1
    return 0


cdef int send_message(sender *s, event *sent, int64_t sequence, int64_t intended_ns, int64_t sent_ns) noexcept nogil:
    """Send one message. Returns 0, or the error number, and then nothing was sent."""
    cdef int has_frame = s.stamp_mode == STAMP_FRAME
    cdef int more = SNDMORE if has_frame else 0
    cdef const char *topic = s.topic
    cdef int64_t topic_size = s.topic_size
    cdef int form = form_of(sent)
    if s.stamp_mode == STAMP_FIELD:
        write_times(sent.data + TIMES_AT, sequence, intended_ns, sent_ns)
    elif has_frame:
        write_times(s.stamp + IDENTITY_LENGTH, sequence, intended_ns, sent_ns)
    if form == TOPICS:
        topic, topic_size = head_text(sent), head_number(sent, 0)
    elif form == PATHS:
        topic_size = join_path(s, sent)
        if topic_size < 0:
            return ENOMEM
        topic = s.path_topic
    if form == FRAMES:
        if send_frames(s, sent, more) < 0:
            return s.zmq.last_error()
    elif topic == NULL:
        if s.zmq.send(s.socket, sent.data, sent.size, DONTWAIT | more) < 0:
            return s.zmq.last_error()
    elif s.is_joined:
        if send_joined(s, sent, topic, topic_size) < 0:
            return s.error if s.error else s.zmq.last_error()
    else:
        if s.zmq.send(s.socket, topic, topic_size, DONTWAIT | SNDMORE) < 0:
            return s.zmq.last_error()
        if s.zmq.send(s.socket, sent.data, sent.size, DONTWAIT | more) < 0:
            return s.zmq.last_error()
    if has_frame and s.zmq.send(s.socket, s.stamp, TEXT_LENGTH, DONTWAIT) < 0:
        return s.zmq.last_error()
    if s.fidelity != NULL:
        note_distance(s, intended_ns, sent_ns)
    return 0


cdef void note_distance(sender *s, int64_t intended_ns, int64_t sent_ns) noexcept nogil:
    """Count how far the distance of a send to the one before is from the recorded distance."""
    cdef int64_t error_ns = (sent_ns - s.last_sent_ns) - (intended_ns - s.last_intended_ns)
    if s.last_sent_ns:
        count_latency(s.fidelity, error_ns if error_ns >= 0 else -error_ns)
    s.last_sent_ns = sent_ns
    s.last_intended_ns = intended_ns


cdef inline int64_t head_deadline(sender *s) noexcept nogil:
    if s.first_tried_ns < 0 or s.send_timeout_ns < 0:
        return FAR_NS
    return s.first_tried_ns + s.send_timeout_ns


cdef int64_t deadline(sender *s) noexcept nogil:
    """The latest time of the next pump, FAR_NS without one."""
    if s.is_requester:
        return s.attempt_ends_ns if s.has_request else head_deadline(s)
    if not s.retries_by_time:
        return head_deadline(s)
    return min(s.tried_ns + _ROOM_POLL_NS, head_deadline(s)) if s.waits_for else FAR_NS


cdef bint wait_for_room(sender *s, int64_t at_ns) noexcept nogil:
    """Handle a refusal of the socket: True if the head may still wait, False if it timed out and was removed."""
    s.waits_for = WAITS_FOR_COMMANDS if s.retries_by_time else WAITS_FOR_ROOM
    s.tried_ns = at_ns
    if s.first_tried_ns < 0:
        s.first_tried_ns = at_ns
        s.times_full += 1
    if at_ns < head_deadline(s):
        return True
    note_end(s, &s.queue.events[s.queue.head & s.queue.mask], NOT_SENT_END, 0, 0)
    pop(&s.queue)
    s.slots[SEND_TIMEOUT] += 1
    s.first_tried_ns = -1
    return False


cdef void pump(sender *s) noexcept nogil:
    """Move events from the queue into the socket until it is empty, the socket is full, or a batch is done."""
    cdef event *head
    cdef int64_t sent_ns, intended_ns
    cdef uint64_t sequence
    cdef int error, left
    if s.is_requester:
        pump_requests(s)
        return
    left = _PUMP_BATCH
    while left and s.queue.head != s.queue.tail:
        left -= 1
        head = &s.queue.events[s.queue.head & s.queue.mask]
        intended_ns = head.time_ns
        sequence = s.slots[ACCEPTED] + 1
        sent_ns = s.zmq.now_ns()
        # Set before the send, so that the message counts as accepted if the process is killed inside the send.
        s.slots[ATTEMPTED] = sequence
        error = send_message(s, head, sequence, intended_ns, sent_ns)
        if error:
            if error == EAGAIN or error == EINTR:
                s.slots[ATTEMPTED] = sequence - 1
            if error != EAGAIN:
                report_error(s, error)
                return
            s.error = 0
            if wait_for_room(s, sent_ns):
                return
            continue
        s.slots[ACCEPTED] = sequence
        s.slots[BYTES] += bytes_of(s, head)
        pop(&s.queue)
        s.first_tried_ns = -1
        if intended_ns >= s.measure_from_ns:
            count_latency(s.lateness, sent_ns - intended_ns)
    s.waits_for = WAITS_FOR_NOTHING


cdef inline void report_error(sender *s, int error) noexcept nogil:
    s.error = error
    s.needs |= _HAS_FAILED


# --- REQ: queue -> one request in flight -> reply -----------------------------------------------------------------------


cdef int receive_reply(sender *s) noexcept nogil:
    """Take the frames of a reply. Returns 0 or the error number."""
    cdef zmq_msg message
    cdef int more = 1, error = 0
    s.reply_size = 0
    while more and not error:
        s.zmq.msg_init(&message)
        if s.zmq.msg_recv(&message, s.socket, DONTWAIT) < 0:
            error = s.zmq.last_error()
        elif is_watched(&s.request):
            keep_frame(s, &message)
        more = s.zmq.msg_more(&message)
        s.zmq.msg_close(&message)
    return error


cdef void finish_request(sender *s) noexcept nogil:
    drop(&s.request)
    s.has_request = 0
    s.waits_for = WAITS_FOR_NOTHING


cdef void give_up_request(sender *s) noexcept nogil:
    s.slots[REQUEST_TIMEOUT] += 1
    note_end(s, &s.request, NO_REPLY_END, s.attempts, s.zmq.now_ns() - s.first_sent_ns)
    finish_request(s)


cdef bint retry_or_give_up(sender *s, int64_t at_ns) noexcept nogil:
    """Begin the next attempt, or give up, if the present attempt is over. True if the request was given up."""
    cdef int error
    if at_ns >= s.attempt_ends_ns:
        if s.attempts > s.retries:
            give_up_request(s)
            return True
        s.attempts += 1
        # Small delays must not add up; see RequestCore.
        s.attempt_ends_ns = at_ns + s.request_timeout_ns - min(at_ns - s.attempt_ends_ns, s.request_timeout_ns >> 1)
        s.is_unsent = 1
    if s.is_unsent:
        error = send_message(s, &s.request, s.request_sequence, s.request.time_ns, at_ns)
        if error == 0:
            s.is_unsent = 0
            s.is_receivable = 1
            s.slots[RETRIES] += 1
        elif error == EAGAIN:
            # libzmq has withdrawn the former attempt, so a receive would be an error of state (EFSM) now.
            s.error = 0
            s.is_receivable = 0
        else:
            report_error(s, error)
    s.waits_for = WAITS_FOR_ROOM if s.is_unsent else WAITS_FOR_REPLY
    return False


cdef bint settle_request(sender *s) noexcept nogil:
    """Take the reply; without a reply, retry or give up if the attempt is over. True if the request has ended."""
    cdef int error
    if not s.is_receivable:
        return retry_or_give_up(s, s.zmq.now_ns())
    error = receive_reply(s)
    if error == EAGAIN:
        return retry_or_give_up(s, s.zmq.now_ns())
    if error:
        report_error(s, error)
        return False
    s.slots[REPLIED] += 1
    if s.request.time_ns >= s.measure_from_ns:
        count_latency(s.round_trip, s.zmq.now_ns() - s.first_sent_ns)
    if is_watched(&s.request):
        note_end(s, &s.request, REPLIED_END, s.attempts, s.zmq.now_ns() - s.first_sent_ns)
    finish_request(s)
    return True


cdef bint send_request(sender *s) noexcept nogil:
    """Send the head of the queue; True if the head timed out, so that the next event may be tried at once."""
    cdef event *head = &s.queue.events[s.queue.head & s.queue.mask]
    cdef uint64_t sequence = s.slots[ACCEPTED] + 1
    cdef int64_t at_ns = s.zmq.now_ns()
    cdef int error
    s.slots[ATTEMPTED] = sequence
    error = send_message(s, head, sequence, head.time_ns, at_ns)
    if error:
        if error == EAGAIN or error == EINTR:
            s.slots[ATTEMPTED] = sequence - 1
        if error != EAGAIN:
            report_error(s, error)
            return False
        s.error = 0
        return not wait_for_room(s, at_ns)
    s.slots[ACCEPTED] = sequence
    s.slots[BYTES] += bytes_of(s, head)
    if head.time_ns >= s.measure_from_ns:
        count_latency(s.lateness, at_ns - head.time_ns)
    # The request keeps the memory of the event until it has ended.
    s.request = head[0]
    s.queue.head += 1
    s.first_tried_ns = -1
    s.has_request = 1
    s.request_sequence = sequence
    s.first_sent_ns = at_ns
    s.attempts = 1
    s.attempt_ends_ns = at_ns + s.request_timeout_ns
    s.is_unsent = 0
    s.is_receivable = 1
    s.waits_for = WAITS_FOR_REPLY
    return False


cdef void pump_requests(sender *s) noexcept nogil:
    """Take a reply, retry or give up an overdue request, and send the next request if none is in flight."""
    while True:
        if s.has_request and not settle_request(s):
            return
        if s.queue.head == s.queue.tail:
            s.waits_for = WAITS_FOR_NOTHING
            return
        if not send_request(s):
            return


# --- feed -> queue ------------------------------------------------------------------------------------------------------


cdef inline bint has_event(sender *s) noexcept nogil:
    return s.pool != NULL or s.supply.head != s.supply.tail


cdef inline const event *take_event(sender *s) noexcept nogil:
    """The next event, valid until events are added; there must be one."""
    cdef const event *taken
    if s.pool != NULL:
        taken = &s.pool[s.pool_next]
        s.pool_next += 1
        if s.pool_next == s.pool_size:
            s.pool_next = 0
    else:
        taken = &s.supply.events[s.supply.head & s.supply.mask]
        s.supply.head += 1
        s.supply_bytes -= taken.size
    return taken


cdef inline bint has_few_events(sender *s) noexcept nogil:
    return s.supply.tail - s.supply.head < _FEW_EVENTS and s.supply_bytes < _FEW_BYTES


cdef inline bint offer(sender *s, const event *offered, int64_t intended_ns) noexcept nogil:
    """Put an event in the queue. Returns False if it is lost (the queue is full, or was aborted)."""
    s.slots[OFFERED] += 1
    if s.is_closed:
        s.slots[ABORTED] += 1
        drop(offered)
        return False
    # A queue that gets no memory is full, whatever its size.
    if s.queue.tail - s.queue.head >= s.queue_size or push(&s.queue, offered, intended_ns) < 0:
        s.slots[QUEUE_OVERFLOW] += 1
        drop(offered)
        return False
    return True


cdef inline bint has_no_room(sender *s) noexcept nogil:
    return s.is_closed or s.queue.tail - s.queue.head >= s.queue_size


cdef int64_t next_due(sender *s) noexcept nogil:
    """The due time of the next event in ns after the origin; -1 if it is not known, FAR_NS if there is none."""
    cdef event *head
    cdef int64_t due_ns
    if not s.is_recorded:
        if s.dues_head != s.dues_tail:
            due_ns = s.dues[s.dues_head & DUES_MASK]
            return FAR_NS if due_ns >= s.duration_ns else due_ns
        return FAR_NS if s.dues_ended else -1
    if s.recorded_ended:
        return FAR_NS
    if s.supply.head == s.supply.tail:
        return -1
    head = &s.supply.events[s.supply.head & s.supply.mask]
    if s.recorded_zero_ns < 0:
        s.recorded_zero_ns = head.time_ns
    due_ns = s.base_ns + <int64_t>(<double>(head.time_ns - s.recorded_zero_ns) / s.speed)
    if due_ns >= s.duration_ns:
        s.recorded_ended = 1
        return FAR_NS
    return due_ns


cdef int64_t offer_due(sender *s, int64_t at_ns) noexcept nogil:
    """Offer the events that are due until ``at_ns``, at most a batch. Returns the time of the next offer."""
    cdef int64_t due_ns, intended_ns
    cdef int left = _OFFER_BATCH
    while True:
        due_ns = next_due(s)
        if due_ns < 0:
            # A recorded event has no due time before it is read, so it counts as due now.
            s.needs |= _UNDERRUN if s.is_recorded and at_ns >= s.refill_ns else 0
            s.needs |= 0 if s.is_recorded else _NEEDS_DUES
            return max(s.refill_ns, at_ns)
        if due_ns == FAR_NS or s.origin_ns + due_ns > at_ns:
            break
        if not left:
            break
        left -= 1
        if not has_event(s):
            if at_ns >= s.refill_ns:
                s.needs |= _UNDERRUN
            return max(s.refill_ns, at_ns)
        # Invariant: the queue overflows only if the socket refuses events, never because many events were due at once.
        # So a queue without room is pumped first, unless the socket refuses.
        if has_no_room(s) and not s.waits_for:
            pump(s)
            if s.needs & _HAS_FAILED:
                return at_ns
        if not s.is_recorded:
            s.dues_head += 1
        intended_ns = s.origin_ns + due_ns
        offer(s, take_event(s), intended_ns)
        if intended_ns >= s.measure_from_ns:
            count_latency(s.offer_lateness, at_ns - intended_ns)
    if not s.is_recorded and not s.dues_ended and s.dues_tail - s.dues_head < _FEW_DUES:
        s.needs |= _NEEDS_DUES
    return FAR_NS if due_ns == FAR_NS else s.origin_ns + due_ns


cdef int64_t offer_until_full(sender *s, int64_t at_ns) noexcept nogil:
    """At maximum load: fill the queue, at most by a batch. Returns the time of the next offer, FAR_NS if it is full."""
    cdef int64_t room
    cdef int left
    if at_ns - s.origin_ns >= s.duration_ns or s.is_closed:
        return FAR_NS
    room = max(0, s.queue_size - (s.queue.tail - s.queue.head))
    left = <int>min(<int64_t>_OFFER_BATCH, room)
    while left:
        left -= 1
        if not has_event(s):
            if at_ns >= s.refill_ns:
                s.needs |= _UNDERRUN
            return max(s.refill_ns, at_ns)
        if not offer(s, take_event(s), at_ns):
            return FAR_NS
    return at_ns if room > _OFFER_BATCH else FAR_NS


cdef int64_t step(sender *s, int64_t at_ns) noexcept nogil:
    """Do what is due at ``at_ns``. Returns the time of the next step."""
    cdef int64_t next_ns = FAR_NS
    cdef bint was_idle = s.queue.head == s.queue.tail and not s.has_request
    if s.is_offering and at_ns >= s.origin_ns:
        next_ns = offer_until_full(s, at_ns) if s.at_max else offer_due(s, at_ns)
        if s.pool == NULL and not s.supply_ended and at_ns >= s.refill_ns and has_few_events(s):
            s.needs |= _NEEDS_EVENTS
    elif s.is_offering:
        next_ns = s.origin_ns
    pump(s)
    if s.needs & _HAS_FAILED:
        return at_ns
    if s.queue.head != s.queue.tail and not s.waits_for:
        return at_ns
    if s.is_draining and not was_idle and s.queue.head == s.queue.tail and not s.has_request:
        s.needs |= _IS_IDLE
    if s.is_offering and s.at_max and not s.waits_for and not s.is_closed and at_ns - s.origin_ns < s.duration_ns:
        # The pump has made room.
        next_ns = min(next_ns, max(at_ns, s.refill_ns if not has_event(s) else 0))
    return min(next_ns, deadline(s))


# --- many senders, one schedule -------------------------------------------------------------------------------------------


cdef inline bint is_awaited(sender *s) noexcept nogil:
    return s.waits_for != WAITS_FOR_NOTHING


cdef inline short awaited_event(sender *s) noexcept nogil:
    if s.waits_for == WAITS_FOR_COMMANDS:
        return 0
    return POLLOUT if s.waits_for == WAITS_FOR_ROOM else POLLIN


cdef void wait_until(sender **all, int amount, awaited *sockets, int waiting, int64_t at_ns, int64_t spin_ns) noexcept nogil:
    """Wait until ``at_ns``, or until a socket has what its sender waits for. Its next step is due at once then."""
    cdef const zmq_functions *zmq = all[0].zmq
    cdef int number, at = 0
    if waiting:
        if zmq.wait_until(zmq, sockets, waiting, at_ns):
            for number in range(amount):
                if is_awaited(all[number]):
                    if sockets[at].is_ready:
                        all[number].next_ns = 0
                    at += 1
        return
    if at_ns - spin_ns > zmq.now_ns():
        zmq.sleep_until(at_ns - spin_ns)
    if spin_ns:
        while zmq.now_ns() < at_ns:
            pass


cdef void run(sender **all, int amount, awaited *sockets, int64_t until_ns, int64_t spin_ns) noexcept nogil:
    cdef const zmq_functions *zmq = all[0].zmq
    cdef int64_t at_ns, next_ns, looked_ns = 0
    cdef int number, waiting, asked
    cdef sender *s
    while True:
        at_ns = zmq.now_ns()
        next_ns = until_ns
        waiting = asked = 0
        for number in range(amount):
            s = all[number]
            if s.next_ns <= at_ns:
                s.next_ns = step(s, at_ns)
            asked |= s.needs
            if s.next_ns < next_ns:
                next_ns = s.next_ns
            if is_awaited(s):
                sockets[waiting].socket = s.socket
                sockets[waiting].fd = s.fd
                sockets[waiting].event = awaited_event(s)
                sockets[waiting].is_ready = 0
                waiting += 1
        if asked or at_ns >= until_ns:
            return
        if next_ns > at_ns:
            wait_until(all, amount, sockets, waiting, next_ns, spin_ns)
        elif waiting and at_ns - looked_ns >= MS:
            # A busy sender must not keep the others from their sockets.
            looked_ns = at_ns
            wait_until(all, amount, sockets, waiting, at_ns, 0)


def run_senders(senders: list[Sender], int64_t until_ns, int64_t spin_ns = 0) -> None:
    """Drive senders until ``until_ns`` or until one of them needs Python; see :mod:`bench_app.data_plane.needs`.

    The last ``spin_ns`` before a due time are not slept: a sleep ends some ten microseconds late. Raises ``zmq.ZMQError``
    if a socket failed.
    """
    cdef int amount = len(senders), number
    cdef Sender each
    cdef sender **all = <sender **>malloc(max(1, amount) * sizeof(sender *))
    cdef awaited *sockets = <awaited *>calloc(max(1, amount), sizeof(awaited))
    try:
        if all == NULL or sockets == NULL:
            raise MemoryError
        if not amount:
            return
        for number in range(amount):
            each = senders[number]
            all[number] = &each.state
        with nogil:
            sleep_exactly()
            run(all, amount, sockets, until_ns, spin_ns)
    finally:
        free(all)
        free(sockets)
    for each in senders:
        each.raise_error()


cdef class Sender:
    """The queue and the socket of one handler, and the prepared events that it offers.

    ``slots`` are the handler's counters, a writable buffer of 64-bit numbers. It must outlive the sender. ``identity``
    is the first part of the stamp. ``retries_by_time`` is for PUB, ``is_requester`` for REQ. ``form`` is the form of all
    events of the source, see :mod:`bench_app.handlers.headed_body`; with ``frames`` the distances are measured.
    """

    def __cinit__(self) -> None:
        memset(&self.state, 0, sizeof(sender))
        if open_ring(&self.state.queue) < 0 or open_ring(&self.state.supply) < 0:
            raise MemoryError

    def __init__(
        self,
        ZmqFunctions functions,
        uint64_t[::1] slots,
        mode: str,
        bytes identity,
        is_joined: bool = False,
        retries_by_time: bool = False,
        is_requester: bool = False,
        form: str = "plain",
    ) -> None:
        self.functions = functions
        self.state.zmq = &functions.table
        self.state.slots = &slots[0]
        self.state.stamp_mode = STAMP_MODES[mode]
        self.state.form = FORMS[form]
        self.state.is_joined = is_joined
        self.state.retries_by_time = retries_by_time
        self.state.is_requester = is_requester
        self.stamp_text = bytearray(identity + bytes(stamp.TIMES_LENGTH))
        self.state.stamp = self.stamp_text
        self.lateness_counts = LatencyCounts()
        self.offer_counts = LatencyCounts()
        self.round_trip_counts = LatencyCounts()
        self.state.lateness = &self.lateness_counts.all
        self.state.offer_lateness = &self.offer_counts.all
        self.state.round_trip = &self.round_trip_counts.all
        if self.state.form == FRAMES:
            self.fidelity_counts = LatencyCounts()
            self.state.fidelity = &self.fidelity_counts.all
        self.state.first_tried_ns = -1
        self.state.recorded_zero_ns = -1
        self.state.duration_ns = FAR_NS
        self.state.next_ns = 0
        self.set_topic(None)

    def __dealloc__(self) -> None:
        cdef ended *kept = self.state.first_end
        cdef ended *after
        while kept != NULL:
            after = kept.next
            free(kept)
            kept = after
        clear(&self.state.queue)
        clear(&self.state.supply)
        if self.state.has_request:
            drop(&self.state.request)
        free(self.state.reply)
        free(self.state.path_topic)
        free(self.state.queue.events)
        free(self.state.supply.events)
        free(self.state.pool)

    # --- what Python sets

    def attach(self, address: int) -> None:
        """Send into the socket at ``address`` (``socket.underlying``) from now on."""
        self.state.socket = <void *><uintptr_t>address
        self.state.fd = descriptor_of(self.state.zmq, self.state.socket)

    def set_topic(self, topic: bytes | None) -> None:
        """Send this topic from the next message on; None: no topic."""
        self.topic_text = topic
        self.state.topic = NULL if topic is None else <char *>self.topic_text
        self.state.topic_size = 0 if topic is None else len(topic)
        self.state.overhead = TEXT_LENGTH if self.state.stamp_mode == STAMP_FRAME else 0
        if topic is not None:
            self.state.overhead += len(topic) + self.state.is_joined

    def set_limits(self, queue_size: int, send_timeout_ms: int, request_timeout_ms: int, retries: int) -> None:
        """Use other limits from now on, also for events that already wait. A ``send_timeout_ms`` of -1 is none."""
        self.state.queue_size = queue_size
        self.state.send_timeout_ns = -1 if send_timeout_ms < 0 else send_timeout_ms * MS
        self.state.request_timeout_ns = request_timeout_ms * MS
        self.state.retries = retries
        self.state.next_ns = 0

    def set_pool(self, bodies: list[bytes | bytearray], first: int) -> None:
        """Offer these events again and again, beginning with number ``first``. They are copied into one block."""
        cdef int64_t at = 0, size
        cdef Py_ssize_t number
        self.pool_bytes = bytearray().join(bodies)
        self.state.pool = <event *>calloc(len(bodies), sizeof(event))
        if self.state.pool == NULL:
            raise MemoryError
        for number in range(len(bodies)):
            size = self.size_of(bodies[number])
            self.state.pool[number].data = (<char *>self.pool_bytes) + at
            self.state.pool[number].size = size
            at += size
        self.state.pool_size = len(bodies)
        self.state.pool_next = first % len(bodies)

    def set_schedule(self, base_ns: int, duration_ns: int, at_max: bool, speed: float | None, zero_ns: int) -> None:
        """Offer events by another schedule: at the due times of :meth:`add_dues`, at maximum load, or as recorded.

        ``speed`` is that of a recorded load, and ``zero_ns`` the recorded time that is due at ``base_ns``; -1 is that
        of the next event.
        """
        self.state.base_ns = base_ns
        self.state.duration_ns = duration_ns
        self.state.at_max = at_max
        self.state.is_recorded = speed is not None
        self.state.speed = 1.0 if speed is None else speed
        self.state.recorded_zero_ns = zero_ns
        self.state.recorded_ended = 0
        self.state.dues_head = self.state.dues_tail = 0
        self.state.dues_ended = 0
        self.state.next_ns = 0

    def set_duration(self, duration_ns: int) -> None:
        """Offer events that are due before ``duration_ns`` after the origin. Due times that wait stay."""
        self.state.duration_ns = duration_ns
        self.state.recorded_ended = 0
        self.state.dues_ended = 0
        self.state.next_ns = 0

    def set_offering(self, is_on: bool, origin_ns: int, measure_from_ns: int) -> None:
        """Begin or stop to offer events. ``origin_ns`` is time 0 of the due times."""
        if self.state.is_offering != is_on or self.state.origin_ns != origin_ns:
            self.state.next_ns = 0
        self.state.is_offering = is_on
        self.state.origin_ns = origin_ns
        self.state.measure_from_ns = measure_from_ns

    def set_draining(self, is_draining: bool) -> None:
        """Say whether ``IS_IDLE`` is to be reported once everything is sent."""
        self.state.is_draining = is_draining

    def add_dues(self, const int64_t[::1] dues_ns, is_last: bool) -> None:
        """Add due times in ns after the origin; at most :attr:`dues_wanted`."""
        cdef Py_ssize_t number
        if dues_ns.shape[0] > DUES - (self.state.dues_tail - self.state.dues_head):
            raise ValueError("there is no room for so many due times")
        for number in range(dues_ns.shape[0]):
            self.state.dues[self.state.dues_tail & DUES_MASK] = dues_ns[number]
            self.state.dues_tail += 1
        self.state.dues_ended = is_last

    def add_events(self, events: list[tuple[bytes | bytearray, int]]) -> None:
        """Add events of a file with their recorded times in ns. They are copied into one block."""
        cdef int64_t size = 0
        cdef chunk *block
        cdef char *at
        cdef event added
        cdef int has_head = self.state.form != PLAIN
        if not events:
            return
        for body, _ in events:
            size += self.size_of(body)
            if has_head:
                size += len(<bytes>body.head)
        block = <chunk *>malloc(sizeof(chunk) + max(<int64_t>1, size))
        if block == NULL:
            raise MemoryError
        block.users = len(events)
        block.form = self.state.form
        block.is_watched = 0
        at = <char *>block + sizeof(chunk)
        for body, time_ns in events:
            if has_head:
                at = _copied(at, body.head)
            added.data = at
            added.size = len(body)
            added.owner = block
            at = _copied(at, body)
            if push(&self.state.supply, &added, time_ns) < 0:
                raise MemoryError
            self.state.supply_bytes += added.size

    def wait_for_supply(self, wait_ns: int, has_ended: bool) -> None:
        """The supply has no event now: ask for more not before ``wait_ns`` from now, or never again."""
        self.state.refill_ns = self.state.zmq.now_ns() + wait_ns
        self.state.supply_ended = has_ended

    # --- what Python reads

    @property
    def needs(self) -> int:
        """What the sender needs from Python, as flags, since the last call of :meth:`answer_needs`."""
        return self.state.needs

    def answer_needs(self) -> int:
        """The flags; they are cleared."""
        asked, self.state.needs = self.state.needs, 0
        return asked

    @property
    def dues_wanted(self) -> int:
        """How many due times there is room for."""
        return DUES - (self.state.dues_tail - self.state.dues_head)

    @property
    def dues_left(self) -> int:
        """How many due times are waiting."""
        return self.state.dues_tail - self.state.dues_head

    @property
    def wants_events(self) -> bool:
        """Whether there is room for more events of a file: those that are left have few bytes."""
        return self.state.supply_bytes < _FEW_BYTES

    @property
    def events_left(self) -> int:
        """How many events of a file are waiting to be offered."""
        return self.state.supply.tail - self.state.supply.head

    @property
    def is_exhausted(self) -> bool:
        """Whether no event is due before the end of the run any more. False at maximum load."""
        return not self.state.at_max and next_due(&self.state) == FAR_NS

    @property
    def next_due_ns(self) -> int:
        """The due time of the next event in ns after the origin; NEVER_NS if there is none or it is not known."""
        due_ns = next_due(&self.state)
        return FAR_NS if due_ns < 0 else due_ns

    @property
    def measure_from_ns(self) -> int:
        """Events with an earlier intended send time are counted and not measured."""
        return self.state.measure_from_ns

    @measure_from_ns.setter
    def measure_from_ns(self, at_ns: int) -> None:
        self.state.measure_from_ns = at_ns

    @property
    def queued(self) -> int:
        """How many events wait in the queue."""
        return self.state.queue.tail - self.state.queue.head

    @property
    def in_flight(self) -> int:
        """1 if a request waits for its reply, otherwise 0."""
        return self.state.has_request

    @property
    def is_closed(self) -> bool:
        """Whether the queue was aborted."""
        return self.state.is_closed

    @property
    def is_full(self) -> bool:
        """Whether the next event would be lost."""
        return has_no_room(&self.state)

    @property
    def is_refused(self) -> bool:
        """Whether the socket has refused the head of the queue."""
        return self.state.first_tried_ns >= 0

    @property
    def poll_for(self) -> int:
        """The socket event to wait for before the next pump, as in ``PollFor``."""
        if self.state.waits_for == WAITS_FOR_NOTHING:
            return 0
        return POLLOUT if self.state.waits_for == WAITS_FOR_ROOM else POLLIN

    @property
    def times_full(self) -> int:
        """How many times the socket began to refuse events."""
        return self.state.times_full

    @property
    def deadline_ns(self) -> int | None:
        """The latest time of the next pump; None if there is none."""
        at_ns = deadline(&self.state)
        return None if at_ns >= FAR_NS else at_ns

    @property
    def lateness(self) -> LatencyCounts:
        """The time from intended to actual send."""
        return self.lateness_counts

    @property
    def offer_lateness(self) -> LatencyCounts:
        """The time from due to offered."""
        return self.offer_counts

    @property
    def round_trip(self) -> LatencyCounts:
        """REQ: the time from the first attempt to the reply."""
        return self.round_trip_counts

    @property
    def fidelity(self) -> LatencyCounts:
        """Events with frames: how far the distance of each send to the one before was from the recorded distance."""
        return self.fidelity_counts

    # --- what Python does itself

    def offer(self, body: bytes | bytearray, intended_ns: int, topic: bytes | None = None) -> bool:
        """Offer one event, also with a topic of its own. Returns False if it is lost (a full queue, or an aborted one).
        """
        return self.offer_one(body, intended_ns, topic, False)

    def offer_watched(self, body: bytes | bytearray, intended_ns: int) -> bool:
        """Offer one event; of a request, keep the end for :meth:`take_ends`."""
        if not self.state.is_requester:
            return self.offer_one(body, intended_ns, None, False)
        if self.state.reply == NULL:
            self.state.reply = <char *>malloc(MOST_REPLY_BYTES)
        return self.offer_one(body, intended_ns, None, True)

    cdef bint offer_one(self, body, int64_t intended_ns, topic, bint watched) except -1:
        cdef event offered
        cdef int64_t size = self.size_of(body), head_size = 0
        cdef int form = self.state.form if topic is None else TOPICS
        cdef chunk *block
        cdef bytes head = None
        if form != PLAIN:
            head = body.head if topic is None else text_head(topic)
            head_size = len(head)
        block = <chunk *>malloc(sizeof(chunk) + head_size + size)
        if block == NULL:
            raise MemoryError
        block.users = 1
        block.form = form
        block.is_watched = watched
        offered.owner = block
        offered.data = <char *>block + sizeof(chunk)
        offered.size = size
        if head_size:
            offered.data = _copied(offered.data, head)
        _copied(offered.data, body)
        self.state.next_ns = 0
        return offer(&self.state, &offered, intended_ns)

    def take_ends(self) -> list[RequestEnd]:
        """The ends of watched requests since the last call, the oldest first."""
        cdef ended *taken = self.state.first_end
        cdef ended *after
        ends = []
        self.state.first_end = self.state.last_end = NULL
        while taken != NULL:
            frames = _frames((<char *>taken + sizeof(ended))[:taken.size])
            ends.append(RequestEnd(0, OUTCOMES[taken.outcome], taken.attempts, taken.waited_ns, frames))
            after = taken.next
            free(taken)
            taken = after
        return ends

    def pump(self) -> None:
        """Move events from the queue into the socket. Raises ``zmq.ZMQError`` if the socket fails."""
        with nogil:
            pump(&self.state)
        self.raise_error()

    def offer_due(self, at_ns: int) -> int:
        """Offer what is due at ``at_ns`` and pump; returns the time of the next step."""
        cdef int64_t when = at_ns, next_ns
        with nogil:
            next_ns = step(&self.state, when)
        self.state.next_ns = next_ns
        self.raise_error()
        return next_ns

    def abort(self) -> int:
        """Abort the queue and every event that is offered from now on. Returns how many events waited."""
        waiting = self.queued
        self.give_up_request()
        self.state.is_closed = 1
        self.state.slots[ABORTED] += waiting
        for number in range(self.state.queue.head, self.state.queue.tail):
            note_end(&self.state, &self.state.queue.events[number & self.state.queue.mask], ABORTED_END, 0, 0)
        clear(&self.state.queue)
        self.state.first_tried_ns = -1
        self.state.waits_for = WAITS_FOR_NOTHING
        self.state.next_ns = 0
        return waiting

    def reopen(self) -> None:
        """Take events again after an abort."""
        self.state.is_closed = 0
        self.state.next_ns = 0

    def give_up_request(self) -> None:
        """Count the request in flight as timed out now, and stop waiting for its reply."""
        if self.state.has_request:
            give_up_request(&self.state)

    def reset_socket(self) -> None:
        """Adapt to a recreated socket."""
        self.state.first_tried_ns = -1
        self.state.waits_for = WAITS_FOR_NOTHING
        if self.state.has_request:
            # The reply cannot come any more, so the next attempt is due now.
            self.state.attempt_ends_ns = self.state.zmq.now_ns()
            self.state.is_receivable = 0
        self.state.next_ns = 0

    cdef int64_t size_of(self, body) except -1:
        """The size of a body, which must have room for the stamp."""
        cdef int64_t size = len(body)
        if self.state.stamp_mode == STAMP_FIELD and size < TIMES_AT + TIMES_LENGTH:
            raise ValueError("an event with a field stamp must be rendered by the port of its handler")
        return size

    def raise_error(self) -> None:
        """Raise the error that libzmq reported, if it reported one. An interrupted call is tried again."""
        if not self.state.error:
            return
        error, self.state.error = self.state.error, 0
        self.state.needs &= ~_HAS_FAILED
        if error == EINTR:
            self.state.next_ns = 0
            return
        raise zmq.ZMQError(error)


def _frames(kept: bytes) -> tuple[bytes, ...]:
    """Frames that each follow their size."""
    frames, at = [], 0
    while at < len(kept):
        begin = at + sizeof(int64_t)
        at = begin + int.from_bytes(kept[at:begin], sys.byteorder)
        frames.append(kept[begin:at])
    return tuple(frames)


cdef inline char *_copied(char *at, body) except NULL:
    """Copy bytes to ``at``; returns where they end."""
    cdef int64_t size = len(body)
    memcpy(at, <const char *>_bytes_at(body), size)
    return at + size


cdef inline uintptr_t _bytes_at(body) except? 0:
    if isinstance(body, bytearray):
        return <uintptr_t><char *>(<bytearray>body)
    return <uintptr_t><char *>(<bytes>body)
