#include "client/store/workbook.h"

#include "client/core/message.h"
#include "client/store/path.h"
#include "client/store/workbook_private.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/text.h"
#include <xlsxwriter.h>

/* ---- cells --------------------------------------------------------------------------------- */

static void put(struct book *book, unsigned column, const char *text, enum book_format format)
{
    struct buf plain = {0};

    text_escape(&plain, text, strlen(text));
    if (plain.failed ||
        (plain.len > 0 && worksheet_write_string(book->sheet, book->row, (lxw_col_t)column,
                                                 plain.data, book->format[format]) != 0))
        book->failed = true;
    buf_release(&plain);
}

void book_text(struct book *book, unsigned column, const char *text)
{
    put(book, column, text, BOOK_TEXT);
}

void book_plain(struct book *book, unsigned column, const char *text)
{
    put(book, column, text, BOOK_COUNT);
}

void book_number(struct book *book, unsigned column, double number, enum book_format format)
{
    if (worksheet_write_number(book->sheet, book->row, (lxw_col_t)column, number,
                               book->format[format]) != 0)
        book->failed = true;
}

void book_count(struct book *book, unsigned column, uint64_t n)
{
    book_number(book, column, (double)n, BOOK_COUNT);
}

void book_index(struct book *book, unsigned column, uint32_t hundredths)
{
    book_number(book, column, hundredths / 100.0, BOOK_INDEX);
}

void book_figure(struct book *book, unsigned column, const char *figure, enum book_format format)
{
    book_number(book, column, strtod(figure, NULL), format);
}

void book_heads(struct book *book, const char *const *names, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        put(book, i, names[i], BOOK_HEAD);
    book->row++;
}

void book_width(struct book *book, unsigned column, double width)
{
    if (worksheet_set_column(book->sheet, (lxw_col_t)column, (lxw_col_t)column, width, NULL) != 0)
        book->failed = true;
}

void book_sheet(struct book *book, const char *name, double first, double others, unsigned columns)
{
    book->sheet = workbook_add_worksheet(book->file, name);
    if (!book->sheet) {
        book->failed = true;
        return;
    }
    for (unsigned i = 0; i < columns; i++)
        book_width(book, i, i == 0 ? first : others);
    worksheet_set_paper(book->sheet, 9); /* A4 */
    worksheet_fit_to_pages(book->sheet, 1, 0);
    if (columns > 6)
        worksheet_set_landscape(book->sheet);
    book->row = 0;
    put(book, 0, name, BOOK_TITLE);
    book->row = 2;
}

/* ---- the file ------------------------------------------------------------------------------ */

static bool formats(struct book *book)
{
    static const char *const number[BOOK_FORMATS] = {
        [BOOK_COUNT] = "0", [BOOK_INDEX] = "0.00", [BOOK_NRR] = "0.000", [BOOK_SHARE] = "0.0%"};

    for (size_t i = 0; i < BOOK_FORMATS; i++) {
        lxw_format *format = book->format[i] = workbook_add_format(book->file);
        if (!format)
            return false;
        format_set_align(format, LXW_ALIGN_VERTICAL_TOP);
        if (number[i])
            format_set_num_format(format, number[i]);
    }
    format_set_text_wrap(book->format[BOOK_TEXT]);
    format_set_text_wrap(book->format[BOOK_HEAD]);
    format_set_bold(book->format[BOOK_HEAD]);
    format_set_bottom(book->format[BOOK_HEAD], LXW_BORDER_THIN);
    format_set_bold(book->format[BOOK_TITLE]);
    format_set_font_size(book->format[BOOK_TITLE], 14);
    return true;
}

static void fill(struct book *book)
{
    static void (*const sheet[])(struct book *) = {
        book_summary, book_processing, book_spread, book_profile, book_trend, book_gap, book_plan,
    };

    if (!formats(book))
        book->failed = true;
    for (size_t i = 0; i < sizeof sheet / sizeof *sheet && !book->failed; i++)
        sheet[i](book);
}

static int write_to(const char *path, const struct publication *p, struct error *err)
{
    struct book book = {.file = workbook_new(path), .p = p};
    lxw_doc_properties properties = {0};
    char *title = strdup(p->office_name), *company = strdup(p->office);

    if (!book.file || !title || !company) {
        if (book.file)
            workbook_close(book.file);
        free(title);
        free(company);
        return error_set(err, ERROR_IO, NULL, MSG_MEMORY);
    }
    properties.title = title;
    properties.company = company;
    book.failed = workbook_set_properties(book.file, &properties) != 0;
    fill(&book);
    lxw_error closed = workbook_close(book.file); /* frees it in any case */
    free(title);
    free(company);
    if (closed != LXW_NO_ERROR)
        return error_set(err, ERROR_IO, NULL, MSG_WORKBOOK, lxw_strerror(closed));
    return book.failed ? error_set(err, ERROR_IO, NULL, MSG_MEMORY) : 0;
}

int workbook_write(const char *path, const struct publication *p, struct error *err)
{
    char *temporary = path_temporary(path, err);

    if (!temporary)
        return -1;
    if (write_to(temporary, p, err) < 0) {
        path_forget(&temporary);
        return -1;
    }
    return path_settle(&temporary, path, 0644, err);
}
