"""The changing part of a stamp in 64-bit arithmetic: 16 hex digits for each of its three numbers, eight at a time.

:mod:`bench_app.transport.stamp` defines the text. The module :mod:`bench_app.data_plane.stamp_digits` compares both
when it is imported, so the two cannot drift apart.
"""

from libc.stdint cimport int64_t

cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>

    #if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    #define BENCH_FIRST_DIGIT_ON_TOP(x) (x)
    #else
    #define BENCH_FIRST_DIGIT_ON_TOP(x) __builtin_bswap64(x)
    #endif
    #define BENCH_EACH_BYTE(b) (0x0101010101010101ULL * (b))

    /* Eight values of 0 to 15, one in each byte -> their digits. 'a' is 39 above the character after '9'. */
    static inline uint64_t bench_digits(uint64_t values) {
        uint64_t letters = ((values + BENCH_EACH_BYTE(6)) >> 4) & BENCH_EACH_BYTE(1);
        return values + BENCH_EACH_BYTE('0') + letters * 39;
    }
    static inline void bench_write8(char *text, uint64_t number) {
        uint64_t x = number & 0xffffffffULL;
        x = (x | x << 16) & 0x0000ffff0000ffffULL;
        x = (x | x << 8) & 0x00ff00ff00ff00ffULL;
        x = (x | x << 4) & 0x0f0f0f0f0f0f0f0fULL;
        x = BENCH_FIRST_DIGIT_ON_TOP(bench_digits(x));
        memcpy(text, &x, 8);
    }
    static inline void bench_write16(char *text, int64_t number) {
        bench_write8(text, (uint64_t)number >> 32);
        bench_write8(text + 8, (uint64_t)number);
    }
    static inline void bench_write_times(char *text, int64_t sequence, int64_t intended_ns, int64_t sent_ns) {
        bench_write16(text, sequence);
        text[16] = '-';
        bench_write16(text + 17, intended_ns);
        text[33] = '-';
        bench_write16(text + 34, sent_ns);
    }

    /* Returns a number whose bits are 0 only if the text is eight lower-case hex digits. */
    static inline uint64_t bench_read8(const char *text, uint64_t *number) {
        uint64_t digits, values, x, wrong;
        memcpy(&digits, text, 8);
        values = (digits & BENCH_EACH_BYTE(0x0f)) + ((digits >> 6) & BENCH_EACH_BYTE(1)) * 9;
        wrong = (values & BENCH_EACH_BYTE(0xf0)) | (bench_digits(values & BENCH_EACH_BYTE(0x0f)) ^ digits);
        x = BENCH_FIRST_DIGIT_ON_TOP(values);
        x = (x | x >> 4) & 0x00ff00ff00ff00ffULL;
        x = (x | x >> 8) & 0x0000ffff0000ffffULL;
        *number = (x | x >> 16) & 0xffffffffULL;
        return wrong;
    }
    static inline uint64_t bench_read16(const char *text, int64_t *number) {
        uint64_t high, low, wrong = bench_read8(text, &high) | bench_read8(text + 8, &low);
        *number = (int64_t)(high << 32 | low);
        /* Numbers are signed, so a top digit of 8 or more is wrong. */
        return wrong | high >> 31;
    }
    static inline int bench_read_times(const char *text, int64_t *numbers) {
        uint64_t wrong = (uint64_t)(text[16] ^ '-') | (uint64_t)(text[33] ^ '-');
        wrong |= bench_read16(text, numbers);
        wrong |= bench_read16(text + 17, numbers + 1);
        wrong |= bench_read16(text + 34, numbers + 2);
        return !wrong;
    }
    """
    # Writes the text of stamp.times, TIMES_LENGTH bytes.
    void write_times "bench_write_times"(char *text, int64_t sequence, int64_t intended_ns, int64_t sent_ns) noexcept nogil
    # Reads TIMES_LENGTH bytes into sequence number, intended ns and sent ns. False if stamp.decode_one gives None.
    bint read_times "bench_read_times"(const char *text, int64_t *numbers) noexcept nogil
