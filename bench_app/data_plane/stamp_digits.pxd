"""The changing part of a stamp: 16 hex digits for each of its three numbers.

Processors of the x86-64 family convert 16 digits at a time (SSE2, which all of them have), others 8 at a time in 64-bit
arithmetic. :mod:`bench_app.transport.stamp` defines the text. The module :mod:`bench_app.data_plane.stamp_digits`
compares all of them when it is imported, so they cannot drift apart.
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

    #if defined(__SSE2__) && defined(__x86_64__)
    #include <emmintrin.h>
    /* Sixteen digits at a time. The lower half of a register holds the first eight bytes of the text. */
    static inline void bench_write16_at_once(char *text, int64_t number) {
        const __m128i low_bits = _mm_set1_epi8(0x0f);
        __m128i x = _mm_cvtsi64_si128((int64_t)__builtin_bswap64((uint64_t)number));
        x = _mm_unpacklo_epi8(_mm_and_si128(_mm_srli_epi16(x, 4), low_bits), _mm_and_si128(x, low_bits));
        __m128i letters = _mm_and_si128(_mm_cmpgt_epi8(x, _mm_set1_epi8(9)), _mm_set1_epi8(39));
        _mm_storeu_si128((__m128i *)text, _mm_add_epi8(_mm_add_epi8(x, _mm_set1_epi8('0')), letters));
    }
    static inline uint64_t bench_read16_at_once(const char *text, int64_t *number) {
        const __m128i digits = _mm_loadu_si128((const __m128i *)text);
        /* As unsigned bytes, other characters are above 9 or 5 here. */
        __m128i figures = _mm_sub_epi8(digits, _mm_set1_epi8('0'));
        __m128i letters = _mm_sub_epi8(digits, _mm_set1_epi8('a'));
        __m128i is_figure = _mm_cmpeq_epi8(_mm_min_epu8(figures, _mm_set1_epi8(9)), figures);
        __m128i is_letter = _mm_cmpeq_epi8(_mm_min_epu8(letters, _mm_set1_epi8(5)), letters);
        __m128i x = _mm_or_si128(_mm_and_si128(is_figure, figures),
                                 _mm_andnot_si128(is_figure, _mm_add_epi8(letters, _mm_set1_epi8(10))));
        int right = _mm_movemask_epi8(_mm_or_si128(is_figure, is_letter));
        x = _mm_and_si128(_mm_or_si128(_mm_slli_epi16(x, 4), _mm_srli_epi16(x, 8)), _mm_set1_epi16(0xff));
        *number = (int64_t)__builtin_bswap64((uint64_t)_mm_cvtsi128_si64(_mm_packus_epi16(x, x)));
        return (uint64_t)(right ^ 0xffff) | (uint64_t)*number >> 63;
    }
    #else
    #define bench_write16_at_once bench_write16
    #define bench_read16_at_once bench_read16
    #endif

    #define BENCH_TIMES_FUNCTIONS(write_times, write16, read_times, read16) \\
    static inline void write_times(char *text, int64_t sequence, int64_t intended_ns, int64_t sent_ns) { \\
        write16(text, sequence); \\
        text[16] = '-'; \\
        write16(text + 17, intended_ns); \\
        text[33] = '-'; \\
        write16(text + 34, sent_ns); \\
    } \\
    static inline int read_times(const char *text, int64_t *numbers) { \\
        uint64_t wrong = (uint64_t)(text[16] ^ '-') | (uint64_t)(text[33] ^ '-'); \\
        wrong |= read16(text, numbers); \\
        wrong |= read16(text + 17, numbers + 1); \\
        wrong |= read16(text + 34, numbers + 2); \\
        return !wrong; \\
    }
    BENCH_TIMES_FUNCTIONS(bench_write_times, bench_write16_at_once, bench_read_times, bench_read16_at_once)
    BENCH_TIMES_FUNCTIONS(bench_write_times_anywhere, bench_write16, bench_read_times_anywhere, bench_read16)
    """
    # Writes the text of stamp.times, TIMES_LENGTH bytes.
    void write_times "bench_write_times"(char *text, int64_t sequence, int64_t intended_ns, int64_t sent_ns) noexcept nogil
    # Reads TIMES_LENGTH bytes into sequence number, intended ns and sent ns. False if stamp.decode_one gives None.
    bint read_times "bench_read_times"(const char *text, int64_t *numbers) noexcept nogil
    # The same in 64-bit arithmetic, as on other processors.
    void write_times_anywhere "bench_write_times_anywhere"(char *text, int64_t sequence, int64_t intended_ns, int64_t sent_ns) noexcept nogil
    bint read_times_anywhere "bench_read_times_anywhere"(const char *text, int64_t *numbers) noexcept nogil
