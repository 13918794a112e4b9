/*
 * A published report as an Excel workbook (libxlsxwriter is called here only): sheets for the
 * summary, the processing table as offices know it, distribution, profile, trend, gap and plans,
 * with real numbers.
 */
#ifndef SUARA_CLIENT_STORE_WORKBOOK_H
#define SUARA_CLIENT_STORE_WORKBOOK_H

struct error;
struct publication;

/* Writes the file whole by way of a temporary one beside it: on disk, with its name, or not at all.
 * -1: IO. */
int workbook_write(const char *path, const struct publication *p, struct error *err)
    __attribute__((warn_unused_result));

#endif
