#include "common/squeeze.h"

#include "tests/common/generate.h"
#include "tests/scarce.h"
#include <malloc.h>
#include <stdlib.h>
#include <zstd.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define MAX      (1024u * 1024u)

static uint8_t text[MAX], noise[MAX], made[2 * MAX];

/* Bytes as of a batch: half of them from a stock of few. */
static int fill(void **state)
{
    (void)state;
    uint64_t seed = 29;
    generate_bytes(&seed, noise, sizeof noise);
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = i % 50 < 25 ? noise[i] : noise[i] % 4;
    return 0;
}

static struct squeeze *open_one(void)
{
    struct squeeze *squeeze = squeeze_new();
    assert_non_null(squeeze);
    return squeeze;
}

/* A frame of text as a stranger makes it, in `made`. */
static size_t strange(size_t size, bool says_size, int level)
{
    ZSTD_CCtx *packer = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(packer, ZSTD_c_contentSizeFlag, says_size);
    ZSTD_CCtx_setParameter(packer, ZSTD_c_compressionLevel, level);
    size_t packed = ZSTD_compress2(packer, made, sizeof made, text, size);
    assert_false(ZSTD_isError(packed));
    ZSTD_freeCCtx(packer);
    return packed;
}

/* The copy is of the exact size, so that a sanitizer sees a read behind the end. */
static enum error_code unpack(struct squeeze *squeeze, const uint8_t *data, size_t packed,
                              size_t max)
{
    struct error err = {0};
    size_t size = 0;
    uint8_t *copy = malloc(packed ? packed : 1);
    assert_non_null(copy);
    memcpy(copy, data, packed);
    const uint8_t *got = squeeze_unpack(squeeze, copy, packed, max, &size, &err);
    free(copy);
    if (got) {
        assert_in_range(size, 1, max);
        return ERROR_NONE;
    }
    assert_true(err.code != ERROR_NONE && err.text[0]);
    return err.code;
}

static void comes_back(void **state)
{
    (void)state;
    struct squeeze *squeeze = open_one();
    uint64_t out = 0;
    for (size_t size = SQUEEZE_LEAST; size <= MAX; size = size * 3 / 2) {
        struct error err = {0};
        size_t packed, got;
        const uint8_t *data = squeeze_pack(squeeze, text, size, &packed);
        assert_non_null(data);
        assert_true(packed + SQUEEZE_SPARE <= size);
        memcpy(made, data, packed);
        data = squeeze_unpack(squeeze, made, packed, size, &got, &err);
        assert_non_null(data);
        assert_int_equal(got, size);
        assert_memory_equal(data, text, size);
        assert_int_equal(unpack(squeeze, made, packed, size - 1), ERROR_TOO_LARGE);
        out += size - packed;
    }
    assert_int_equal(squeeze_saved(squeeze).out, out);
    assert_int_equal(squeeze_saved(squeeze).in, out);
    squeeze_free(&squeeze);
    assert_null(squeeze);
    squeeze_free(&squeeze);
}

static void travels_as_it_is(void **state)
{
    (void)state;
    static const uint8_t zeros[MAX];
    static const struct {
        const uint8_t *data;
        size_t size;
    } table[] = {{text, 0},    {text, 1},   {text, SQUEEZE_LEAST - 1}, {noise, SQUEEZE_LEAST},
                 {noise, MAX}, {zeros, MAX} /* above the ratio */};
    struct squeeze *squeeze = open_one();
    size_t packed;
    for (size_t i = 0; i < COUNT(table); i++)
        assert_null(squeeze_pack(squeeze, table[i].data, table[i].size, &packed));
    assert_int_equal(squeeze_saved(squeeze).out, 0);
    squeeze_free(&squeeze);
}

static void takes_what_any_level_makes(void **state)
{
    (void)state;
    struct squeeze *squeeze = open_one();
    for (int level = -5; level <= 19; level += 8)
        assert_int_equal(unpack(squeeze, made, strange(50000, true, level), MAX), ERROR_NONE);
    assert_int_equal(unpack(squeeze, made, strange(1, true, 1), MAX), ERROR_NONE);
    squeeze_free(&squeeze);
}

static void refuses_each_part_of_a_frame(void **state)
{
    (void)state;
    struct squeeze *squeeze = open_one();
    size_t packed = strange(3000, true, 1);
    for (size_t cut = 0; cut < packed; cut++)
        assert_int_equal(unpack(squeeze, made, cut, MAX), ERROR_INVALID);
    assert_int_equal(unpack(squeeze, made, packed, MAX), ERROR_NONE);
    squeeze_free(&squeeze);
}

/* No checksum says that a byte was changed, but what comes out has the size that was said. */
static void bears_each_changed_byte(void **state)
{
    (void)state;
    struct squeeze *squeeze = open_one();
    size_t packed = strange(3000, true, 1);
    for (size_t i = 0; i < packed; i++)
        for (unsigned flip = 1; flip < 256; flip *= 2) {
            made[i] ^= (uint8_t)flip;
            enum error_code code = unpack(squeeze, made, packed, MAX);
            assert_true(code == ERROR_NONE || code == ERROR_INVALID || code == ERROR_TOO_LARGE);
            made[i] ^= (uint8_t)flip;
        }
    assert_int_equal(unpack(squeeze, made, packed, MAX), ERROR_NONE);
    squeeze_free(&squeeze);
}

#define MAGIC "\x28\xb5\x2f\xfd"

static void refuses_what_is_not_one_frame(void **state)
{
    (void)state;
    static const struct {
        const char *what, *data;
        size_t size;
        enum error_code code;
    } table[] = {
        /* Frame header: flags, [window], [dictionary], content size; block: 3 bytes, data. */
        {"one raw block", MAGIC "\x20\x03\x19\0\0abc", 12, ERROR_NONE},
        {"a block that is repeated", MAGIC "\x20\x09\x4b\0\0a", 10, ERROR_NONE},
        {"one byte behind it", MAGIC "\x20\x03\x19\0\0abc\0", 13, ERROR_INVALID},
        {"a second frame", MAGIC "\x20\x03\x19\0\0abc" MAGIC "\x20\x03\x19\0\0abc", 24,
         ERROR_INVALID},
        {"a frame to be skipped behind it", MAGIC "\x20\x03\x19\0\0abc\x50\x2a\x4d\x18\0\0\0\0", 20,
         ERROR_INVALID},
        {"one in front", "\x50\x2a\x4d\x18\0\0\0\0" MAGIC "\x20\x03\x19\0\0abc", 20, ERROR_INVALID},
        {"says more than there is", MAGIC "\x20\x04\x19\0\0abc", 12, ERROR_INVALID},
        {"says less", MAGIC "\x20\x02\x19\0\0abc", 12, ERROR_INVALID},
        {"says nothing", MAGIC "\x20\x00\x01\0\0", 9, ERROR_INVALID},
        {"does not say", MAGIC "\x00\x58\x19\0\0abc", 12, ERROR_INVALID},
        {"a dictionary", MAGIC "\x21\x07\x03\x19\0\0abc", 13, ERROR_INVALID},
        {"a reserved bit", MAGIC "\x28\x03\x19\0\0abc", 12, ERROR_INVALID},
        {"a reserved kind of block", MAGIC "\x20\x03\x1f\0\0abc", 12, ERROR_INVALID},
        {"a wrong checksum", MAGIC "\x24\x03\x19\0\0abc\0\0\0\0", 16, ERROR_INVALID},
        {"zstd 0.7, before the standard",
         "\x27\xb5\x2f\xfd\x20\x03\x40\0\x03"
         "abc\xc0\0\0",
         15, ERROR_INVALID},
        {"1 MiB in 14 bytes", MAGIC "\xa0\0\0\x10\0\x03\0\x10\0a", 13, ERROR_TOO_LARGE},
        {"4 GiB", MAGIC "\xa0\xff\xff\xff\xff\x19\0\0abc", 15, ERROR_TOO_LARGE},
        {"2^64 - 3", MAGIC "\xe0\xfd\xff\xff\xff\xff\xff\xff\xff\x19\0\0abc", 19, ERROR_TOO_LARGE},
        {"gzip", "\x1f\x8b\x08\0\0\0\0\0\0\x03", 10, ERROR_INVALID},
    };
    struct squeeze *squeeze = open_one();
    for (size_t i = 0; i < COUNT(table); i++) {
        enum error_code code = unpack(squeeze, (const uint8_t *)table[i].data, table[i].size, MAX);
        if (code != table[i].code)
            fail_msg("%s: %s", table[i].what, error_code_name(code));
    }
    assert_int_equal(unpack(squeeze, made, strange(3000, false, 1), MAX), ERROR_INVALID);
    squeeze_free(&squeeze);
}

/* 65 to 1 is one too many, and not unpacked; 64 to 1 is. */
static void keeps_the_ratio(void **state)
{
    (void)state;
    struct squeeze *squeeze = open_one();
    uint8_t frame[] = MAGIC "\x60\x00\x00\x03\x14\x00"
                            "a"; /* 256 + n bytes of the same */
    const size_t packed = sizeof frame - 1;
    for (size_t size = 256; size < 1024; size++) {
        frame[5] = (uint8_t)(size - 256);
        frame[6] = (uint8_t)((size - 256) >> 8);
        frame[7] = (uint8_t)(size << 3 | 3);
        frame[8] = (uint8_t)(size >> 5);
        assert_int_equal(unpack(squeeze, frame, packed, MAX),
                         size <= SQUEEZE_RATIO * packed ? ERROR_NONE : ERROR_TOO_LARGE);
    }
    squeeze_free(&squeeze);
}

/* A window of 2 GiB may be asked for: none is made. */
static void makes_no_window(void **state)
{
    (void)state;
    static const char frame[] = MAGIC "\x80\xa8\x03\0\0\0\x19\0\0abc";
    struct squeeze *squeeze = open_one();
    struct mallinfo2 before = mallinfo2();
    assert_int_equal(unpack(squeeze, (const uint8_t *)frame, sizeof frame - 1, MAX), ERROR_NONE);
    struct mallinfo2 after = mallinfo2();
    assert_true(after.uordblks + after.hblkhd < before.uordblks + before.hblkhd + 65536);
    squeeze_free(&squeeze);
}

static int work(void *arg, struct error *err)
{
    static const uint8_t frame[] = MAGIC "\x20\x03\x19\0\0abc";
    size_t size;
    (void)arg;
    struct squeeze *squeeze = squeeze_new();
    if (!squeeze)
        return error_set(err, ERROR_OVERLOADED, NULL, "no memory");
    const uint8_t *data = squeeze_pack(squeeze, text, 5000, &size);
    int rc = data ? 0 : error_set(err, ERROR_OVERLOADED, NULL, "it travels as it is");
    data = squeeze_unpack(squeeze, frame, sizeof frame - 1, MAX, &size, rc == 0 ? err : NULL);
    if (rc == 0 && !data) {
        assert_int_equal(err->code, ERROR_OVERLOADED);
        rc = -1;
    }
    if (data)
        assert_memory_equal(data, "abc", 3);
    squeeze_free(&squeeze);
    return rc;
}

static void bears_memory_that_runs_out(void **state)
{
    (void)state;
    assert_in_range(scarce_each(work, NULL, NULL), 5, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back),
        cmocka_unit_test(travels_as_it_is),
        cmocka_unit_test(takes_what_any_level_makes),
        cmocka_unit_test(refuses_each_part_of_a_frame),
        cmocka_unit_test(bears_each_changed_byte),
        cmocka_unit_test(refuses_what_is_not_one_frame),
        cmocka_unit_test(keeps_the_ratio),
        cmocka_unit_test(makes_no_window),
        cmocka_unit_test(bears_memory_that_runs_out),
    };
    return cmocka_run_group_tests_name("common/squeeze", tests, fill, NULL);
}
