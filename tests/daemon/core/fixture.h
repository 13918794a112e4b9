/*
 * A small made-up directory for the tests of decisions: an agency with a province and two offices
 * in different zones, two services of equal code, the instrument skm-2017.
 */
#ifndef SUARA_TESTS_FIXTURE_H
#define SUARA_TESTS_FIXTURE_H

#include "daemon/core/directory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { AGENCY = 1, PROVINCE = 2, WEST = 3, EAST = 4 };
enum { WEST_UMUM = 31, WEST_UJI = 32, EAST_UMUM = 41, EAST_UJI = 42 };

static inline void fixture_instrument(struct directory *d, int16_t id, const char *code)
{
    assert_int_equal(directory_add_instrument(d, id, code, "2017", "Survei", "Survey", 4, true), 0);
    for (int e = 1; e <= 9; e++) {
        char element[16];
        (void)snprintf(element, sizeof element, "U%d", e);
        assert_int_equal(directory_add_element(d, id, element, "Unsur", "Element"), 0);
    }
    assert_int_equal(directory_add_method(d, id, "exact", 1, 9), 0);
    assert_int_equal(directory_add_method(d, id, "0.11", 11, 100), 0);
    assert_int_equal(directory_add_method(d, id, "0.111", 111, 1000), 0);
    assert_int_equal(directory_add_method(d, id, "0.1111", 1111, 10000), 0);
    assert_int_equal(directory_add_bound(d, id, "A", "Sangat Baik", "Very good", 8831, 10000), 0);
    assert_int_equal(directory_add_bound(d, id, "B", "Baik", "Good", 7661, 8830), 0);
    assert_int_equal(directory_add_bound(d, id, "C", "Kurang Baik", "Less good", 6500, 7660), 0);
    assert_int_equal(directory_add_bound(d, id, "D", "Tidak Baik", "Not good", 2500, 6499), 0);
}

static inline struct directory *fixture_directory(void)
{
    struct directory *d = directory_new();
    assert_non_null(d);
    /* The child before the parent: the order of the rows of a table means nothing. */
    assert_int_equal(directory_add_office(d, WEST, "WEST", "Kantor Barat", PROVINCE, "WIB"), 0);
    assert_int_equal(directory_add_office(d, AGENCY, "AGENCY", "Badan", 0, "WIB"), 0);
    assert_int_equal(directory_add_office(d, PROVINCE, "PROVINCE", "Provinsi", AGENCY, "WIB"), 0);
    assert_int_equal(directory_add_office(d, EAST, "EAST", "Kantor Timur", AGENCY, "WIT"), 0);
    assert_int_equal(directory_add_service(d, WEST_UMUM, WEST, "UMUM", "Umum"), 0);
    assert_int_equal(directory_add_service(d, WEST_UJI, WEST, "UJI", "Pengujian"), 0);
    assert_int_equal(directory_add_service(d, EAST_UMUM, EAST, "UMUM", "Umum"), 0);
    assert_int_equal(directory_add_service(d, EAST_UJI, EAST, "UJI", "Pengujian"), 0);
    fixture_instrument(d, 1, "skm-2017");
    static const enum dim open_dims[] = {DIM_CHANNEL, DIM_STAKEHOLDER, DIM_SEX,
                                         DIM_AGE,     DIM_EDUCATION,   DIM_OCCUPATION};
    for (size_t i = 0; i < sizeof open_dims / sizeof *open_dims; i++)
        assert_int_equal(directory_add_term(d, open_dims[i], 0, "", ""), 0);
    assert_int_equal(directory_add_term(d, DIM_CHANNEL, 1, "kiosk", "Kiosk"), 0);
    assert_int_equal(directory_add_term(d, DIM_CHANNEL, 2, "web", "Web"), 0);
    assert_int_equal(directory_add_term(d, DIM_STAKEHOLDER, 1, "public", "Masyarakat"), 0);
    assert_int_equal(directory_add_term(d, DIM_SEX, 1, "L", "Laki-laki"), 0);
    assert_int_equal(directory_add_term(d, DIM_SEX, 2, "P", "Perempuan"), 0);
    assert_int_equal(directory_add_term(d, DIM_AGE, 1, "<=20", "Sampai 20"), 0);
    assert_int_equal(directory_add_term(d, DIM_AGE, 2, "21-30", "21 sampai 30"), 0);
    assert_int_equal(directory_add_term(d, DIM_PERSPECTIVE, 1, "recipient", "Penerima"), 0);
    assert_int_equal(directory_add_term(d, DIM_PERSPECTIVE, 2, "provider", "Pemberi"), 0);
    assert_int_equal(directory_add_principal(d, "office", "WEST", WEST, true), 0);
    assert_int_equal(directory_add_principal(d, "office", "PROVINCE", PROVINCE, true), 0);
    assert_int_equal(directory_add_principal(d, "office", "EAST", EAST, false), 0);
    assert_int_equal(directory_add_principal(d, "supervisor", "prov", PROVINCE, true), 0);
    assert_int_equal(directory_add_principal(d, "admin", "root", 0, true), 0);
    assert_int_equal(directory_add_principal(d, "auditor", "ombudsman", 0, true), 0);
    assert_int_equal(directory_seal(d, NULL), 0);
    return d;
}

#endif
