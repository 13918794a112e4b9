/*
 * The follow-up plan of a file, for a published report: CSV with the columns that offices use (RTL,
 * domain.md) and the state of each item.
 */
#ifndef SUARA_CLIENT_CORE_PLAN_H
#define SUARA_CLIENT_CORE_PLAN_H

#include "common/civil.h"
#include <stdbool.h>
#include <stddef.h>

struct error;
struct publication;

#define PLAN_ITEMS_MAX 500u

/*
 * Adds the items of the file to p, for whose period `to` is the last day: what was due by then
 * belongs to the last period's plan, what is due later to the plan of this one.
 * Columns, in any order and either language: No, Prioritas Unsur, Program/Kegiatan, Waktu,
 * Penanggung Jawab, Status. Waktu: a quarter or another period (2023-Q4, TW IV 2023). Status:
 * belum, berjalan, selesai or batal; empty: belum. `name` is the file's, for sentences. -1: USAGE
 * (what is wrong in which line) or IO (no memory); then p has no items.
 */
int plan_read(struct publication *p, const char *name, const char *data, size_t size,
              struct error *err) __attribute__((warn_unused_result));

/* The days of a time as plans have it; false: it is none. */
bool plan_time(const char *text, civil_day *from, civil_day *to);

#endif
