/*
 * A published report: everything that its page, workbook and JSON say, in figures and words, with
 * nothing left to ask. domain.md, "What a published report holds"; free text of respondents is not
 * in it, and small cells of the respondents' profile are hidden before they come here.
 */
#ifndef SUARA_CLIENT_CORE_PUBLISH_H
#define SUARA_CLIENT_CORE_PUBLISH_H

#include "client/core/publish_text.h"
#include "common/arena.h"
#include "common/civil.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

#define PUBLISH_MEMORY_MAX (16u * 1024u * 1024u)
#define PUBLISH_TREND_MAX  5u  /* periods, the published one among them */
#define PUBLISH_ROWS_MAX   64u /* of a breakdown: the largest are shown */
#define PUBLISH_SPREAD_MAX 10u /* scales up to this are shown rating by rating */

/* One figure: of all, of a period, of a group of respondents. */
struct publish_figure {
    const char *key;                     /* "2023", "P", "UJI" */
    const char *name[PUBLISH_LANGUAGES]; /* for people; a period's is its key */
    uint64_t n;
    uint32_t index;     /* hundredths; 0: none */
    uint32_t low, high; /* 95 % interval; 0: none */
    const char *grade;  /* "" when there is no index */
    bool hidden;        /* the small cells of a breakdown together: n only */
    /* Against the period before (trend only): difference in hundredths. */
    bool change_known, change_beyond;
    int64_t change;
};

struct publish_group {
    struct publish_figure *row;
    size_t count;
    size_t left_out; /* rows beyond PUBLISH_ROWS_MAX */
    uint64_t n;      /* of all rows, the hidden and the ones left out too */
};

/* What respondents are told apart by; the first four are the profile. */
enum publish_axis {
    PUBLISH_SEX,
    PUBLISH_AGE,
    PUBLISH_EDUCATION,
    PUBLISH_OCCUPATION,
    PUBLISH_SERVICE,
    PUBLISH_STAKEHOLDER,
    PUBLISH_CHANNEL,
    PUBLISH_AXES
};
#define PUBLISH_PROFILE_AXES 4u

struct publish_element {
    const char *code, *name[PUBLISH_LANGUAGES];
    const char *const *label[PUBLISH_LANGUAGES]; /* `scale` answers, lowest first; NULL: none */
    uint64_t sum;
    const uint64_t *spread; /* how many gave 1 .. scale; NULL: not known */
    unsigned rank;          /* 1: the strongest; equals share it */
    /* Provider's mean less the recipients', thousandths; only with provider_n > 0. */
    uint64_t provider_sum;
    int64_t gap;
    bool gap_beyond; /* more than chance explains */
};

struct publish_bound {
    const char *grade, *quality[PUBLISH_LANGUAGES];
    uint32_t low, high; /* hundredths, inclusive */
};

enum publish_state { PUBLISH_OPEN, PUBLISH_RUNNING, PUBLISH_DONE, PUBLISH_DROPPED, PUBLISH_STATES };

struct publish_item {
    struct publish_item *next;
    const char *number, *priority, *activity, *when, *who;
    enum publish_state state;
    bool last; /* was due by the end of the period: of the last period's plan */
};

struct publication {
    struct arena arena; /* owns all strings and arrays that do not live for ever */
    enum publish_language language;
    const char *office, *office_name;
    uint32_t offices; /* that had responses; more than one with those below */
    bool subtree;
    civil_day from, to, made; /* made: the day it was made */
    const char *program;      /* "suara 0.1.0" */
    const char *note;         /* a sentence of the publisher's at the top: "draft"; NULL: none */

    const char *instrument, *instrument_name[PUBLISH_LANGUAGES], *method;
    int32_t weight_num, weight_den; /* of one element */
    unsigned scale;
    struct publish_bound *bound; /* best first */
    size_t bounds;

    struct publish_figure total;
    struct publish_element *element;
    size_t elements;
    struct publish_figure trend[PUBLISH_TREND_MAX]; /* oldest first; the last is the period */
    size_t trends;
    struct publish_group group[PUBLISH_AXES];
    uint32_t small_cell;            /* 0: no cells are hidden */
    uint64_t provider_n;            /* self-assessments; 0: there is no gap to show */
    struct publish_figure provider; /* their index, when there are any */
    bool population_known;
    uint64_t population, need; /* people served; sample that they ask for */
    civil_day last_collected;  /* 0: not known */

    struct publish_item *item, *item_last;
    bool plan_given; /* a file of the plan was read, be it empty */
};

void publication_init(struct publication *p);
void publication_release(struct publication *p);

/* Ranks the elements by their sums. After the elements have their sums. */
void publication_rank(struct publication *p);

/* The element with the highest (true) or lowest sum, the first of equals; NULL when all are equal.
 */
const struct publish_element *publication_extreme(const struct publication *p, bool strongest);

/* The bound of a grade; NULL: none. Its quality in the language of the report, or "". */
const struct publish_bound *publication_bound(const struct publication *p, const char *grade);
const char *publication_quality(const struct publication *p, const char *grade);

/* Does the sample suffice? Only with population_known. */
bool publication_enough(const struct publication *p);

/* Items of the plan of this (false) or of the last period, and how many of them are done. */
size_t publication_items(const struct publication *p, bool last, size_t *done);

/* What an axis is called in the report, and in the protocol and JSON ("sex"). */
const char *publish_axis_name(enum publish_language language, enum publish_axis axis);
const char *publish_axis_code(enum publish_axis axis);
const char *publish_state_name(enum publish_language language, enum publish_state state);

/* ---- figures as text ----------------------------------------------------------------------- */

#define PUBLISH_NUMBER 40u                        /* room for each of these */
#define PUBLISH_RANGE  (2u * PUBLISH_NUMBER + 8u) /* .. and for two of them */

void publish_index(uint32_t hundredths, char out[PUBLISH_NUMBER]);           /* "94.00" */
void publish_count(uint64_t n, char out[PUBLISH_NUMBER]);                    /* "217", "19 604" */
void publish_interval(uint32_t low, uint32_t high, char out[PUBLISH_RANGE]); /* "93.20 - 94.80" */
void publish_signed(int64_t value, unsigned decimals, char out[PUBLISH_NUMBER]); /* "+0.18" */
void publish_share(uint64_t part, uint64_t whole,
                   char out[PUBLISH_NUMBER]);                         /* "54.4%"; whole > 0 */
void publish_nrr(uint64_t sum, uint64_t n, char out[PUBLISH_NUMBER]); /* "3.793"; n > 0 */
void publish_day(enum publish_language language, civil_day day, char out[PUBLISH_NUMBER]);

/* NRR times the weight of an element. */
void publish_weighted(const struct publication *p, const struct publish_element *element,
                      char out[PUBLISH_NUMBER]);

/* "1 Januari – 13 Juli 2023", what is the same only once. */
void publish_period(const struct publication *p, char out[PUBLISH_RANGE]);

/* One or two sentences that say what came out, as plain text. */
void publish_summary(struct buf *out, const struct publication *p);

/* ---- what is made of it -------------------------------------------------------------------- */

/* The page: one file, no script, nothing from the network. out->failed without memory. */
void publish_html(struct buf *out, const struct publication *p);

/* The same for programs: see suara-report(1). */
void publish_json(struct buf *out, const struct publication *p);

#endif
