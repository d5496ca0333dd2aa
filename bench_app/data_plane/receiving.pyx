# cython: language_level=3, boundscheck=False, wraparound=False
"""The receive loop of one listener without Python: socket ~~> **receive, count, measure, hold** -> arrivals -> ledger.

:class:`Receiver` does what the Python loop of :class:`bench_app.listeners.core.ListenerCore` does, in *slices*. A slice
holds no GIL and touches no Python object. It ends at its time, at its limit, when no message comes for the time of
:meth:`Receiver.set_wait`, or when it has something that Python must settle.

Python settles three things after a slice:

* *ranges*: the sequence numbers that were new and in order. A slice has counted and measured their messages in the
  mapped counters and the histograms already, so a killed worker has counted what it received.
* *unusual arrivals*: all other stamped messages, which are duplicates or reordered. They are not counted yet.
* a *sample*, the beginning of a message that the user may read.

The number of an unusual arrival is at most the highest number before it, and each later number of a range is above
that. So a count does not change if all ranges are settled before all unusual arrivals.

A listener that answers requests has a ROUTER. The frames of a request stay as libzmq gave them until it is answered.
Python makes the reply, and the frames of the envelope are sent back uncopied in front of it. Handlers send their events
again and again, and most replies depend on the event alone. So a slice keeps replies with the bodies that they answer,
without the times of the stamp, and gives the same reply to the same body without Python.
"""

from cpython.bytes cimport PyBytes_AsString
from libc.errno cimport EAGAIN, EINTR, ENOMEM
from libc.limits cimport INT_MAX
from libc.stdint cimport int64_t, uint32_t, uint64_t, uintptr_t
from libc.stdlib cimport calloc, free, malloc, realloc
from libc.string cimport memchr, memcmp, memcpy, memset
from posix.stdlib cimport posix_memalign

from bench_app.data_plane.clock cimport now_ns as real_now_ns
from bench_app.data_plane.latency_counts cimport LatencyCounts, count_latency
from bench_app.data_plane.stamp_digits cimport read_times
from bench_app.data_plane.zmq_functions cimport DONTWAIT, POLLIN, SNDMORE, ZmqFunctions, zmq_msg, zmq_pollitem

import zmq as pyzmq

from bench_app.measure.clock import NS_PER_MS as _NS_PER_MS
from bench_app.measure.counters import ListenerSlot
from bench_app.measure.message_samples import SAMPLE_BYTES as _SAMPLE_BYTES
from bench_app.recording.spool import ALIGNMENT, BLOCK_HEAD, BLOCK_MARK, TapSlot
from bench_app.transport import stamp

cdef enum:
    MOST_RANGES = 4096
    MOST_UNUSUAL = 1024
    FEW_FRAMES = 8
    # Places for replies, in groups; the group of a body is found by its hash. Longer bodies are left to Python, where
    # reading them takes longer than the change to Python.
    KNOWN_REPLIES = 2048
    GROUP = 8
    LONGEST_KNOWN = 8192

cdef enum:
    IN_FIELD
    IN_FRAME
    NOWHERE

cdef enum:
    # A block of messages for a recording is sent as soon as it has this size, or when its first message is this old and
    # no other block is under way.
    BLOCK_BYTES = 1835008
    # The memory of a block: one huge page, which the disk takes in one piece. Most blocks end within a message.
    BLOCK_ROOM = 2097152
    BLOCK_AGE_NS = 20000000

cdef enum:
    BLOCKING
    POLLING
    SPINNING

cdef int RECEIVED = ListenerSlot.RECEIVED
cdef int FOREIGN = ListenerSlot.FOREIGN
cdef int MALFORMED = ListenerSlot.MALFORMED
cdef int BYTES = ListenerSlot.BYTES
cdef int FIRST = ListenerSlot.FIRST
cdef int HIGHEST = ListenerSlot.HIGHEST
cdef int RECEIVED_IN_DRAIN = ListenerSlot.RECEIVED_IN_DRAIN
cdef double NS_PER_MS = _NS_PER_MS
cdef int64_t SAMPLE_BYTES = _SAMPLE_BYTES
cdef int TAP_OFFERED = TapSlot.OFFERED
cdef int TAP_SKIPPED = TapSlot.SKIPPED
cdef int TAP_QUEUED_BYTES = TapSlot.QUEUED_BYTES
cdef int TAP_SPOOLED_BYTES = TapSlot.SPOOLED_BYTES
cdef int64_t BLOCK_ALIGNMENT = ALIGNMENT
cdef int64_t BLOCK_HEAD_BYTES = BLOCK_HEAD.size
cdef block_head EMPTY_HEAD
memcpy(EMPTY_HEAD.mark, PyBytes_AsString(BLOCK_MARK), sizeof(EMPTY_HEAD.mark))
cdef int64_t TIMES_LENGTH = stamp.TIMES_LENGTH


cdef extern from *:
    """
    #include <stdint.h>
    #include <sys/mman.h>
    static void bench_use_huge_page(void *block, int64_t size) {
    #ifdef MADV_HUGEPAGE
        madvise(block, size, MADV_HUGEPAGE);
    #endif
    }
    /* Blocks that the disk has, for the next ones. The first use of new memory costs a page fault for each 4 KB. The thread
       of a spool gives blocks back, and those of listeners take them. */
    #define BENCH_SPARE_BLOCKS 8
    static void *bench_spare_blocks[BENCH_SPARE_BLOCKS];
    static void *bench_take_block(void) {
        int number;
        void *block;
        for (number = 0; number < BENCH_SPARE_BLOCKS; number++) {
            block = __atomic_exchange_n(&bench_spare_blocks[number], (void *)0, __ATOMIC_ACQ_REL);
            if (block) return block;
        }
        return 0;
    }
    static int bench_keep_block(void *block) {
        int number;
        void *none;
        for (number = 0; number < BENCH_SPARE_BLOCKS; number++) {
            none = 0;
            if (__atomic_compare_exchange_n(&bench_spare_blocks[number], &none, block, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
                return 1;
        }
        return 0;
    }
    """
    # Ask for a huge page where the system has them.
    void use_huge_page "bench_use_huge_page"(void *block, int64_t size) noexcept nogil
    # A spare block, or NULL.
    void *take_block "bench_take_block"() noexcept nogil
    # Whether the block is kept; otherwise it must be freed.
    bint keep_block "bench_keep_block"(void *block) noexcept nogil


cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>
    /* Of equal bodies the hash is equal. Bodies are compared whole before a reply is used. */
    static uint64_t bench_hash(uint64_t hash, const char *text, int64_t size) {
        uint64_t word;
        while (size >= 8) {
            memcpy(&word, text, 8);
            hash = (hash ^ word) * 0x9e3779b97f4a7c15ULL;
            hash ^= hash >> 29;
            text += 8;
            size -= 8;
        }
        word = 0;
        memcpy(&word, text, (size_t)size);
        hash = (hash ^ word ^ ((uint64_t)size << 56)) * 0x9e3779b97f4a7c15ULL;
        return hash ^ hash >> 32;
    }
    """
    uint64_t hash_of "bench_hash"(uint64_t hash, const char *text, int64_t size) noexcept nogil


cdef class Receiver:
    """Receives the messages of one listener.

    ``functions`` are those of the libzmq of the sockets. ``slots`` are the listener's counters. ``recent_arrivals`` is
    the ring of :class:`bench_app.listeners.recent_arrivals.RecentArrivals`. ``mode`` and ``prefix`` say where the stamp
    is: in a frame that begins with ``prefix``. The three latencies get the measured messages. ``reply_to``, for a
    listener that answers, gets the body of a request, or None without a body; it returns the reply, or None for none.

    Attributes:
        is_behind: whether the last message was there before it was asked for.
        caught_up_ns: when the listener had last waited for a message.
        last_message_ns: the arrival of the last message.
        measure_from_ns: messages that were due earlier are counted and not measured.
        offering_ended_ns: messages that arrive later are counted apart, too.
        sample_due_ns: the first message that arrives from then on is the next sample.
        next_recent: the place of the next arrival in the ring.
        first, highest: the first and the highest sequence number; 0 before any.
        is_holding: whether a message is held.
        held_until_ns: the end of the last hold.
        spun_ns: for how long it has asked without a pause and found no message. Another thread may read it.
        error: why the last slice ended: the number of an error of libzmq, EAGAIN if no message came, otherwise 0.
        must_settle: whether the last slice ended only because its tables or its sample are to be taken.
    """

    def __cinit__(
        self,
        functions: ZmqFunctions,
        slots: memoryview,
        recent_arrivals: object,
        mode: str,
        prefix: bytes,
        service: LatencyCounts,
        response: LatencyCounts,
        backlog: LatencyCounts,
        reply_to: object = None,
    ) -> None:
        self.zmq = functions.table
        self._slots = slots
        self._recent = recent_arrivals
        self._latencies = service, response, backlog
        self.service, self.response, self.backlog = &service.all, &response.all, &backlog.all
        self._prefix = prefix
        self.prefix = PyBytes_AsString(prefix)
        self.prefix_length = len(prefix)
        self.stamp_place = {"field": IN_FIELD, "frame": IN_FRAME, "off": NOWHERE}[mode]
        self.times_at = stamp.TIMES_AT if mode == "field" else stamp.IDENTITY_LENGTH
        self.ranges = <sequence_range *>malloc(MOST_RANGES * sizeof(sequence_range))
        self.unusual = <unusual_arrival *>malloc(MOST_UNUSUAL * sizeof(unusual_arrival))
        self._reply_to, self.answers = reply_to, reply_to is not None
        self.frame_room = FEW_FRAMES
        self.frames = <zmq_msg *>malloc(self.frame_room * sizeof(zmq_msg))
        self.known = <known_reply *>calloc(KNOWN_REPLIES if self.answers else 1, sizeof(known_reply))
        if self.ranges == NULL or self.unusual == NULL or self.frames == NULL or self.known == NULL:
            raise MemoryError

    def __dealloc__(self) -> None:
        if self.frames != NULL:
            self._close_frames()
        if self.known != NULL:
            self.forget_replies()
        free(self.known)
        free(self.frames)
        free(self.ranges)
        free(self.unusual)
        free(self.sample)
        free(self.block)

    def set_wait(self, mode: str, wait_ms: int) -> None:
        """Wait for a message as the key ``wait`` of a listener says, up to ``wait_ms`` (-1: without limit).

        With ``block`` the receive waits, and the option RCVTIMEO of the socket is its limit.
        """
        self.wait = {"block": BLOCKING, "poll": POLLING, "spin": SPINNING}[mode]
        self.wait_ms = wait_ms

    def set_delay(self, has_delay: bool, delay_ms: float, jitter_ms: float, draws: bytes) -> None:
        """Hold each message for ``delay_ms`` and a share of ``jitter_ms``.

        ``draws`` are the shares of the next messages, as doubles from 0 to 1. A slice ends when it has used the last.
        """
        self.has_delay, self.delay_ms, self.jitter_ms = has_delay, delay_ms, jitter_ms
        self._draws = draws
        self.draws = <const double *>PyBytes_AsString(draws)
        self.draw_count = len(draws) // sizeof(double)
        self.next_draw = 0

    def keep_replies(self, keeps: bool) -> None:
        """Say whether the same body always gets the same reply, whatever the times in its stamp are."""
        self.keeps_replies = keeps

    def record(self, socket: int, slots: memoryview | None, budget: int) -> None:
        """Give each message to a recording, as :class:`bench_app.recording.tap.Tap` does.

        ``socket`` is the address of the tap's socket, 0 to record no more. ``slots`` are the counters of the tap.
        """
        cdef uint64_t[::1] tap_slots
        if self.tap != NULL:
            tap_slots = self._tap_slots
            self.tap_slots = &tap_slots[0]
            self._send_block()
        self.tap = <void *><uintptr_t>socket
        self._tap_slots, self.tap_budget = slots, budget

    def forget_replies(self) -> None:
        """Ask for each reply again, because replies have changed."""
        cdef int number
        for number in range(KNOWN_REPLIES if self.answers else 1):
            self._forget(self.known + number)

    @property
    def used_draws(self) -> int:
        """How many of the draws were used."""
        return self.next_draw

    def receive(self, socket: int, until_ns: int, limit: int) -> int:
        """Receive one slice from ``socket``, the address of a socket of libzmq; returns how many messages."""
        cdef uint64_t[::1] slots = self._slots
        cdef int64_t[::1] recent = self._recent
        cdef int64_t until = until_ns, most = limit, received
        self.socket = <void *><uintptr_t>socket
        self.slots, self.recent, self.recent_room = &slots[0], &recent[0], recent.shape[0]
        cdef uint64_t[::1] tap_slots
        if self.tap != NULL:
            tap_slots = self._tap_slots
            self.tap_slots = &tap_slots[0]
        self.is_over = False
        received = 0
        while True:
            with nogil:
                self.zmq.msg_init(&self.message)
                received += self._slice(until, most - received)
                self.zmq.msg_close(&self.message)
            if not self.must_answer:
                break
            self._answer()
            if self.is_over or self.must_settle:
                break
        if self.tap != NULL and self._is_spool_idle():
            self._send_block()
        self.socket = NULL
        return received

    def finish_message(self, socket: int) -> None:
        """End the hold now and answer the request through ``socket``; 0: without an answer."""
        self.is_holding = False
        self.socket = <void *><uintptr_t>socket
        self._answer()
        self.socket = NULL

    def take_ranges(self) -> bytes:
        """The ranges since the last call: first and last number of each, as int64."""
        ranges = (<char *>self.ranges)[: self.range_count * sizeof(sequence_range)]
        self.range_count = 0
        return ranges

    def take_unusual(self) -> bytes:
        """The unusual arrivals since the last call: number, intended and actual send, arrival, time behind, as int64."""
        rows = (<char *>self.unusual)[: self.unusual_count * sizeof(unusual_arrival)]
        self.unusual_count = 0
        return rows

    def take_sample(self) -> tuple[tuple[bytes, ...], int] | None:
        """The frames of the sample, each cut to SAMPLE_BYTES, and the size of the whole message; None without one."""
        cdef int64_t at = 0, length
        if not self.sample_used:
            return None
        frames = []
        while at < self.sample_used:
            memcpy(&length, self.sample + at, sizeof(length))
            at += sizeof(length)
            frames.append(self.sample[at : at + length])
            at += length
        self.sample_used = 0
        return tuple(frames), self.sample_size

    cdef int64_t _slice(self, int64_t until_ns, int64_t limit) noexcept nogil:
        cdef int64_t received = 0, arrival_ns
        self.error = 0
        self.must_settle = self.must_answer = False
        if not self._finish_hold(until_ns) or self.must_answer or self.error:
            return 0
        while received < limit:
            arrival_ns = self._receive_request() if self.answers else self._receive_message()
            if self.error:
                break
            received += 1
            if ((self.answers or self.draw_count) and not self._hold(arrival_ns, until_ns)) or arrival_ns >= until_ns:
                # The time is over, whatever there is to settle.
                self.is_over = True
                self.must_settle = False
                break
            if self.error or self.must_settle or self.must_answer:
                break
        return received

    cdef int64_t _receive_message(self) noexcept nogil:
        """Receive and count one message; returns its arrival time. Sets ``error`` if there is none."""
        cdef int64_t size, arrival_ns, all_sizes = 0
        cdef bint is_tapped
        cdef int received = self._receive_first(&self.message)
        if received < 0:
            return 0
        arrival_ns = self.zmq.now_ns()
        if not self.is_behind:
            self.caught_up_ns = arrival_ns
        self.is_sampling = arrival_ns >= self.sample_due_ns
        is_tapped = self.tap != NULL and self._begin_tapped(arrival_ns)
        while True:
            # The function returns an int, which cannot hold the size of a frame of 2 GiB.
            size = received if received < INT_MAX else <int64_t>self.zmq.msg_size(&self.message)
            all_sizes += size
            if self.is_sampling:
                self._sample_frame(&self.message, size)
            if is_tapped:
                self._tap_frame(&self.message, size, not self.zmq.msg_more(&self.message))
            if not self.zmq.msg_more(&self.message):
                break
            # libzmq delivers all frames of a message together, so this does not wait.
            received = self.zmq.msg_recv(&self.message, self.socket, 0)
            if received < 0:
                self.error = self.zmq.last_error()
                self.sample_used = 0
                return 0
        self.slots[BYTES] += all_sizes
        self.last_message_ns = arrival_ns
        if self.is_sampling:
            self.sample_size = all_sizes
            self.must_settle = True
        self._count(<const char *>self.zmq.msg_data(&self.message), size, arrival_ns)
        return arrival_ns

    cdef int64_t _receive_request(self) noexcept nogil:
        """Receive a request into ``frames`` and count it; returns its arrival time. Sets ``error`` if there is none."""
        cdef int64_t arrival_ns, size = 0, all_sizes = 0
        cdef int number, received
        cdef bint is_tapped
        self._close_frames()
        self.body_at = 0
        self.is_key_known = False
        self._add_frame()
        received = self._receive_first(self.frames)
        if received < 0:
            return 0
        arrival_ns = self.zmq.now_ns()
        if not self.is_behind:
            self.caught_up_ns = arrival_ns
        while self.zmq.msg_more(self.frames + self.frame_count - 1):
            received = -1
            if self._add_frame():
                received = self.zmq.msg_recv(self.frames + self.frame_count - 1, self.socket, 0)
                self.error = 0 if received >= 0 else self.zmq.last_error()
            else:
                self.error = ENOMEM
            if received < 0:
                return 0
            if not received and not self.body_at:
                self.body_at = self.frame_count
        # A foreign message may have no empty frame after the identity that ROUTER puts in front.
        if not self.body_at:
            self.body_at = 1
        if self.body_at == self.frame_count:
            self.slots[FOREIGN] += 1
            return arrival_ns
        self.is_sampling = arrival_ns >= self.sample_due_ns
        is_tapped = self.tap != NULL and self._begin_tapped(arrival_ns)
        for number in range(self.body_at, self.frame_count):
            size = <int64_t>self.zmq.msg_size(self.frames + number)
            all_sizes += size
            if is_tapped:
                self._tap_frame(self.frames + number, size, number == self.frame_count - 1)
            if self.is_sampling:
                self._sample_frame(self.frames + number, size)
        self.slots[BYTES] += all_sizes
        self.last_message_ns = arrival_ns
        if self.is_sampling:
            self.sample_size = all_sizes
            self.must_settle = True
        self._count(<const char *>self.zmq.msg_data(self.frames + self.frame_count - 1), size, arrival_ns)
        return arrival_ns

    cdef bint _begin_tapped(self, int64_t arrival_ns) noexcept nogil:
        """Begin a message of the block for the recording. Returns False if the disk does not keep up."""
        self.tap_slots[TAP_OFFERED] += 1
        if self._bytes_under_way() + self.block_end >= self.tap_budget:
            self.tap_slots[TAP_SKIPPED] += 1
            return False
        # Without a message that was begun and not finished, because an error ended it.
        self.block_used = self.block_end
        self.is_tapped_whole = True
        if not self.block_used:
            self.block_began_ns = arrival_ns
            self.is_tapped_whole = self._add_to_block(&EMPTY_HEAD, BLOCK_HEAD_BYTES)
        return self.is_tapped_whole and self._add_to_block(&arrival_ns, sizeof(arrival_ns))

    cdef void _tap_frame(self, zmq_msg *message, int64_t size, bint is_last) noexcept nogil:
        """Add a frame to the message, after a begin that succeeded. Without memory for it the message is dropped."""
        cdef uint64_t length = 2 * <uint64_t>size + (not is_last)
        if not self.is_tapped_whole:
            return
        if not self._add_to_block(&length, sizeof(length)) or not self._add_to_block(self.zmq.msg_data(message), size):
            self.is_tapped_whole = False
            return
        if not is_last:
            return
        self.block_end = self.block_used
        self.block_messages += 1
        if self.block_end >= BLOCK_BYTES:
            self._send_block()
        elif self._is_spool_idle() and self.zmq.now_ns() - self.block_began_ns >= BLOCK_AGE_NS:
            self._send_block()

    cdef bint _add_to_block(self, const void *data, int64_t size) noexcept nogil:
        cdef int64_t needed = self.block_used + size, room
        cdef void *grown
        if needed > self.block_room:
            room = BLOCK_ROOM if needed <= BLOCK_ROOM else padded(needed + needed // 2)
            grown = take_block() if room == BLOCK_ROOM else NULL
            if grown == NULL:
                if posix_memalign(&grown, BLOCK_ROOM if room == BLOCK_ROOM else BLOCK_ALIGNMENT, room):
                    return False
                if room == BLOCK_ROOM:
                    use_huge_page(grown, room)
            if self.block_used:
                memcpy(grown, self.block, self.block_used)
            free_block(self.block, <void *><uintptr_t>self.block_room)
            self.block, self.block_room = <char *>grown, room
        if size:
            memcpy(self.block + self.block_used, data, size)
        self.block_used = needed
        return True

    cdef int64_t _bytes_under_way(self) noexcept nogil:
        """How much of what was sent is not on the disk."""
        return self.tap_slots[TAP_QUEUED_BYTES] - self.tap_slots[TAP_SPOOLED_BYTES]

    cdef bint _is_spool_idle(self) noexcept nogil:
        return not self._bytes_under_way()

    cdef void _send_block(self) noexcept nogil:
        """Send the block to the spool of the recording, if it has a message. Its memory then belongs to libzmq."""
        cdef zmq_msg message
        cdef block_head *head = <block_head *>self.block
        cdef int64_t size = padded(self.block_end)
        if not self.block_messages:
            return
        head.messages, head.length = self.block_messages, self.block_end
        memset(self.block + self.block_end, 0, size - self.block_end)
        if self.zmq.msg_init_data(&message, self.block, size, free_block, <void *><uintptr_t>self.block_room):
            free(self.block)
        elif self.zmq.msg_send(&message, self.tap, DONTWAIT) >= 0:
            self.tap_slots[TAP_QUEUED_BYTES] += size
        else:
            self.zmq.msg_close(&message)
        self.block = NULL
        self.block_room = self.block_used = self.block_end = self.block_messages = 0

    cdef bint _add_frame(self) noexcept nogil:
        """Make room for one more frame. Returns False if there is no memory for it."""
        cdef zmq_msg *grown
        if self.frame_count == self.frame_room:
            # libzmq's messages may be moved, as long as nobody uses them meanwhile.
            grown = <zmq_msg *>realloc(self.frames, 2 * self.frame_room * sizeof(zmq_msg))
            if grown == NULL:
                return False
            self.frames = grown
            self.frame_room *= 2
        self.zmq.msg_init(self.frames + self.frame_count)
        self.frame_count += 1
        return True

    cdef void _close_frames(self) noexcept nogil:
        cdef int number
        for number in range(self.frame_count):
            self.zmq.msg_close(self.frames + number)
        self.frame_count = 0

    cdef _answer(self):
        """Answer the request in ``frames``. A requester that reads no replies gets none."""
        cdef int sent
        cdef char *data
        self.must_answer = False
        if self.socket == NULL or not self.frame_count:
            self._close_frames()
            return
        body = None
        if self.body_at < self.frame_count:
            data = <char *>self.zmq.msg_data(self.frames + self.body_at)
            body = data[: self.zmq.msg_size(self.frames + self.body_at)]
        reply = self._reply_to(body)
        if reply is not None:
            self._keep_reply(PyBytes_AsString(reply), len(reply))
            sent = self._send_reply(PyBytes_AsString(reply), len(reply))
            if sent not in (0, EAGAIN):
                raise pyzmq.ZMQError(sent)
        self._close_frames()

    cdef int _send_reply(self, const char *reply, int64_t size) noexcept nogil:
        """Send the envelope in ``frames`` and a reply. Returns 0 or the error number."""
        cdef int number = 0, sent, error
        while number <= self.body_at:
            if number < self.body_at:
                sent = self.zmq.msg_send(self.frames + number, self.socket, DONTWAIT | SNDMORE)
            else:
                sent = self.zmq.send(self.socket, reply, size, DONTWAIT)
            error = 0 if sent >= 0 else self.zmq.last_error()
            # An interrupted call is tried again.
            if error and error != EINTR:
                return error
            number += not error
        return 0

    cdef bint _answer_known(self) noexcept nogil:
        """Answer the request in ``frames``, if its reply is known. Sets ``error`` if the socket fails."""
        cdef const char *body
        cdef int64_t size
        cdef known_reply *found
        cdef int error
        if not self.keeps_replies or not self.is_key_known:
            return False
        body = <const char *>self.zmq.msg_data(self.frames + self.body_at)
        size = <int64_t>self.zmq.msg_size(self.frames + self.body_at)
        found = self._find_known(body, size, key_hash(body, size, self.key_times_at))
        if found == NULL:
            return False
        error = self._send_reply(found.bytes + found.body_size, found.reply_size)
        self._close_frames()
        # A requester that reads no replies gets none.
        if error and error != EAGAIN:
            self.error = error
        return True

    cdef known_reply *_find_known(self, const char *body, int64_t size, uint64_t hash) noexcept nogil:
        cdef known_reply *entry = self.known + hash % (KNOWN_REPLIES // GROUP) * GROUP
        cdef known_reply *end = entry + GROUP
        cdef int64_t before = self.key_times_at, after = self.key_times_at + TIMES_LENGTH
        if before < 0:
            before, after = size, size
        while entry < end:
            if entry.hash == hash and entry.bytes != NULL and entry.times_at == self.key_times_at:
                if entry.body_size == before + size - after and memcmp(entry.bytes, body, before) == 0:
                    if memcmp(entry.bytes + before, body + after, size - after) == 0:
                        return entry
            entry += 1
        return NULL

    cdef void _keep_reply(self, const char *reply, int64_t size) noexcept:
        """Keep the reply to the request in ``frames``, if it can be used again. In a full group it takes a place in turn."""
        cdef const char *body
        cdef int64_t body_size, before = self.key_times_at, after = self.key_times_at + TIMES_LENGTH
        cdef uint64_t hash
        cdef known_reply *entry
        cdef known_reply *group
        cdef char *copy
        cdef int number
        if not self.keeps_replies or not self.is_key_known or size > LONGEST_KNOWN:
            return
        body = <const char *>self.zmq.msg_data(self.frames + self.body_at)
        body_size = <int64_t>self.zmq.msg_size(self.frames + self.body_at)
        hash = key_hash(body, body_size, self.key_times_at)
        if before < 0:
            before, after = body_size, body_size
        group = self.known + hash % (KNOWN_REPLIES // GROUP) * GROUP
        self.next_place = (self.next_place + 1) % GROUP
        entry = group + self.next_place
        for number in range(GROUP):
            if group[number].bytes == NULL:
                entry = group + number
                break
        copy = <char *>malloc(before + body_size - after + size)
        if copy == NULL:
            return
        memcpy(copy, body, before)
        memcpy(copy + before, body + after, body_size - after)
        self._forget(entry)
        entry.hash, entry.times_at, entry.bytes = hash, self.key_times_at, copy
        entry.body_size, entry.reply_size = before + body_size - after, size
        memcpy(copy + entry.body_size, reply, size)

    cdef void _forget(self, known_reply *entry) noexcept nogil:
        free(entry.bytes)
        entry.bytes = NULL

    cdef int _receive_first(self, zmq_msg *message) noexcept nogil:
        """Receive the first frame of a message; returns its size, below 0 without one. Sets ``error``."""
        cdef int received
        if self.wait != POLLING or self._poll(0):
            received = self._receive_frame(message, DONTWAIT)
            self.is_behind = received >= 0
            if self.error != EAGAIN:
                return received
        elif self.error != EAGAIN:
            return -1
        self.is_behind = False
        if self.wait == SPINNING:
            return self._spin(message)
        if self.wait == BLOCKING:
            return self._receive_frame(message, 0)
        return self._receive_frame(message, DONTWAIT) if self._poll(self.wait_ms) else -1

    cdef int _receive_frame(self, zmq_msg *message, int flags) noexcept nogil:
        cdef int received = self.zmq.msg_recv(message, self.socket, flags)
        self.error = 0 if received >= 0 else self.zmq.last_error()
        return received

    cdef bint _poll(self, int wait_ms) noexcept nogil:
        """Sleep in zmq_poll until a message is there. Returns False, and sets ``error``, if none is."""
        cdef zmq_pollitem item
        cdef int ready
        item.socket, item.fd, item.events, item.revents = self.socket, 0, POLLIN, 0
        ready = self.zmq.poll(&item, 1, wait_ms)
        if ready <= 0:
            self.error = EAGAIN if not ready else self.zmq.last_error()
        return ready > 0

    cdef int _spin(self, zmq_msg *message) noexcept nogil:
        """Ask again and again, without a pause, until a message is there."""
        # The limit is one of real time, like that of a receive that waits.
        cdef int64_t began_ns = real_now_ns(), at_ns = began_ns
        cdef int64_t end_ns = began_ns + self.wait_ms * <int64_t>NS_PER_MS
        cdef int received = self._receive_frame(message, DONTWAIT)
        while self.error == EAGAIN and (self.wait_ms < 0 or at_ns < end_ns):
            at_ns = real_now_ns()
            received = self._receive_frame(message, DONTWAIT)
        self.spun_ns += at_ns - began_ns
        return received

    cdef void _count(self, const char *frame, int64_t size, int64_t arrival_ns) noexcept nogil:
        """Count a message by its last frame."""
        cdef int64_t numbers[3]
        cdef int64_t at
        if self.stamp_place == NOWHERE:
            self._know_key(-1)
            self._count_received(arrival_ns)
            return
        at = self._find_times(frame, size)
        if at < 0:
            self.slots[FOREIGN] += 1
        elif size - at < TIMES_LENGTH or (self.stamp_place == IN_FRAME and size - at > TIMES_LENGTH):
            self.slots[MALFORMED] += 1
        elif read_times(frame + at, numbers):
            self._know_key(at if self.stamp_place == IN_FIELD else -1)
            self._count_stamped(numbers, arrival_ns)
        else:
            self.slots[MALFORMED] += 1

    cdef void _know_key(self, int64_t times_at) noexcept nogil:
        """The times of the stamp in a body, or -1: apart from them, equal bodies get equal replies."""
        cdef int frames = 2 if self.stamp_place == IN_FRAME else 1
        # A stamp that is not at the beginning may be in what a reply repeats.
        if times_at >= 0 and times_at != self.times_at:
            return
        if self.answers and self.frame_count - self.body_at == frames:
            self.is_key_known = <int64_t>self.zmq.msg_size(self.frames + self.body_at) <= LONGEST_KNOWN
            self.key_times_at = times_at

    cdef int64_t _find_times(self, const char *frame, int64_t size) noexcept nogil:
        """Where the changing part of the stamp begins; -1 if the frame has no stamp of the handler."""
        cdef const char *at = frame
        cdef int64_t places = size - self.prefix_length
        if places >= 0 and memcmp(frame, self.prefix, self.prefix_length) == 0:
            return self.times_at
        if self.stamp_place == IN_FRAME:
            return -1
        # In a joined message, topic and space precede the body.
        while at - frame < places:
            at = <const char *>memchr(at, c' ', places - (at - frame))
            if at == NULL:
                return -1
            at += 1
            if memcmp(at, self.prefix, self.prefix_length) == 0:
                return at - frame + self.times_at
        return -1

    cdef void _count_stamped(self, const int64_t *numbers, int64_t arrival_ns) noexcept nogil:
        cdef int64_t sequence = numbers[0], service_ns, behind_ns
        if not self.first:
            self.first = sequence
            if not self.slots[FIRST]:
                self.slots[FIRST] = sequence
        if sequence <= self.highest:
            self._keep_unusual(numbers, arrival_ns)
            return
        self.highest = sequence
        self.slots[HIGHEST] = sequence
        self._add_to_ranges(sequence)
        self._count_received(arrival_ns)
        if numbers[1] >= self.measure_from_ns:
            service_ns, behind_ns = arrival_ns - numbers[2], arrival_ns - self.caught_up_ns
            count_latency(self.service, service_ns)
            count_latency(self.response, arrival_ns - numbers[1])
            count_latency(self.backlog, behind_ns if behind_ns < service_ns else service_ns)

    cdef void _keep_unusual(self, const int64_t *numbers, int64_t arrival_ns) noexcept nogil:
        cdef unusual_arrival *row = self.unusual + self.unusual_count
        row.sequence, row.intended_ns, row.sent_ns = numbers[0], numbers[1], numbers[2]
        row.arrival_ns, row.behind_ns = arrival_ns, arrival_ns - self.caught_up_ns
        self.unusual_count += 1
        # Before the first number of a range, only a number of 0 is unusual. Whether it is reordered depends on that.
        if self.unusual_count == MOST_UNUSUAL or not self.highest:
            self.must_settle = True

    cdef void _add_to_ranges(self, int64_t sequence) noexcept nogil:
        cdef sequence_range *last = self.ranges + self.range_count - 1
        if self.range_count and last.last == sequence - 1:
            last.last = sequence
            return
        last += 1
        last.first = last.last = sequence
        self.range_count += 1
        if self.range_count == MOST_RANGES:
            self.must_settle = True

    cdef void _count_received(self, int64_t arrival_ns) noexcept nogil:
        self.slots[RECEIVED] += 1
        self.recent[self.next_recent] = arrival_ns
        self.next_recent += 1
        if self.next_recent == self.recent_room:
            self.next_recent = 0
        if arrival_ns > self.offering_ended_ns:
            self.slots[RECEIVED_IN_DRAIN] += 1

    cdef void _sample_frame(self, zmq_msg *message, int64_t size) noexcept nogil:
        """Copy the beginning of a frame."""
        cdef int64_t length = size if size < SAMPLE_BYTES else SAMPLE_BYTES
        cdef int64_t needed = self.sample_used + length + <int64_t>sizeof(length)
        cdef char *grown
        if needed > self.sample_room:
            grown = <char *>realloc(self.sample, 2 * needed)
            if grown == NULL:
                # A sample is a convenience, so do without it.
                self.is_sampling = False
                self.sample_used = 0
                return
            self.sample, self.sample_room = grown, 2 * needed
        memcpy(self.sample + self.sample_used, &length, sizeof(length))
        memcpy(self.sample + self.sample_used + sizeof(length), self.zmq.msg_data(message), length)
        self.sample_used = needed

    cdef bint _hold(self, int64_t received_ns, int64_t until_ns) noexcept nogil:
        """Begin the hold of a message and wait for its end. Returns False if ``until_ns`` comes first."""
        cdef int64_t last_until_ns = self.held_until_ns, hold_ns
        self.is_holding = True
        self.held_until_ns = received_ns
        if not self.draw_count:
            return self._finish_hold(until_ns)
        hold_ns = <int64_t>((self.delay_ms + self.draws[self.next_draw] * self.jitter_ms) * NS_PER_MS)
        self.next_draw += 1
        if self.next_draw == self.draw_count:
            self.must_settle = True
        if not (self.is_behind and received_ns - last_until_ns < hold_ns):
            last_until_ns = received_ns
        self.held_until_ns = last_until_ns + hold_ns
        self.caught_up_ns += hold_ns
        return self._finish_hold(until_ns)

    cdef bint _finish_hold(self, int64_t until_ns) noexcept nogil:
        """Wait for the end of the hold. Returns False if ``until_ns`` comes first."""
        cdef int64_t now_ns
        while self.is_holding and self.has_delay:
            now_ns = self.zmq.now_ns()
            if now_ns >= self.held_until_ns:
                break
            if now_ns >= until_ns:
                return False
            self.zmq.sleep_until(self.held_until_ns if self.held_until_ns < until_ns else until_ns)
        self.must_answer = self.is_holding and self.answers
        self.is_holding = False
        if self.must_answer and self._answer_known():
            self.must_answer = False
        return True


cdef inline uint64_t key_hash(const char *body, int64_t size, int64_t times_at) noexcept nogil:
    """The hash of a body without the times of its stamp."""
    if times_at < 0:
        return hash_of(0, body, size)
    return hash_of(hash_of(0, body, times_at), body + times_at + TIMES_LENGTH, size - times_at - TIMES_LENGTH)


cdef inline int64_t padded(int64_t size) noexcept nogil:
    return (size + BLOCK_ALIGNMENT - 1) // BLOCK_ALIGNMENT * BLOCK_ALIGNMENT


cdef void free_block(void *block, void *room) noexcept nogil:
    """Keep a block of the usual size for the next messages, and free any other."""
    if <uintptr_t>room != BLOCK_ROOM or not keep_block(block):
        free(block)
