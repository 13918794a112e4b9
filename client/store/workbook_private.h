/*
 * A sheet that is filled from the top. Private to workbook*.c.
 */
#ifndef SUARA_CLIENT_STORE_WORKBOOK_PRIVATE_H
#define SUARA_CLIENT_STORE_WORKBOOK_PRIVATE_H

#include "client/core/publish.h"

struct lxw_workbook;
struct lxw_worksheet;
struct lxw_format;

enum book_format { BOOK_COUNT, BOOK_INDEX, BOOK_NRR, BOOK_SHARE, BOOK_TEXT, BOOK_HEAD, BOOK_TITLE };
#define BOOK_FORMATS 7

struct book {
    struct lxw_workbook *file;
    const struct publication *p;
    struct lxw_format *format[BOOK_FORMATS];
    struct lxw_worksheet *sheet; /* the one that is being filled; NULL: it could not be made */
    uint32_t row;                /* next row of it */
    bool failed;
};

#define T(p, word) publish_text((p)->language, PUBLISH_##word##_TEXT)

/* A new sheet with its name as title; width of the first column and of the others, in characters.
 */
void book_sheet(struct book *book, const char *name, double first, double others, unsigned columns);
void book_width(struct book *book, unsigned column, double width);

/* A row of headings; the next row is current. */
void book_heads(struct book *book, const char *const *names, unsigned count);

/* Cells of the current row. Text is never taken for a formula; plain: it may run over empty cells
 * beside it. */
void book_text(struct book *book, unsigned column, const char *text);
void book_plain(struct book *book, unsigned column, const char *text);
void book_number(struct book *book, unsigned column, double number, enum book_format format);
void book_count(struct book *book, unsigned column, uint64_t n);
void book_index(struct book *book, unsigned column, uint32_t hundredths);

/* The text of a figure ("3.793") as the number that it says: as it is shown elsewhere. */
void book_figure(struct book *book, unsigned column, const char *figure, enum book_format format);

/* The sheets. */
void book_summary(struct book *book);
void book_processing(struct book *book);
void book_spread(struct book *book);
void book_profile(struct book *book);
void book_trend(struct book *book);
void book_gap(struct book *book);
void book_plan(struct book *book);

#endif
