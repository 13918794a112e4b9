/*
 * What every report is asked about: days, offices, questionnaire, and where it has them the
 * filters, the axes and how the figure is made. A command puts the parts that it takes into its
 * option table; scope_read reads those and leaves the others at their defaults.
 */
#ifndef SUARA_CLIENT_CMD_SCOPE_H
#define SUARA_CLIENT_CMD_SCOPE_H

#include "client/core/layout_ask.h"
#include "proto/suara.pb-c.h"

struct cmd_call;
struct error;
struct profile;

/* Entries of an option table: of every report .. */
#define SCOPE_OPTIONS                                                                              \
    {"period", "PERIOD", "2023, 2023-S1, 2023-Q3, 2023-07 or 2023-07-13", false},                  \
        {"from", "DATE", "first day (default: 1 January of the year of the last day)", false},     \
        {"to", "DATE", "last day (default: today)", false},                                        \
        {"office", "CODE", "only this office; again for more (default: all you may see)", false},  \
        {"subtree", NULL, "with each office named, those below it", false},                        \
        {"instrument", "CODE", "questionnaire (default: skm-2017)", false},                        \
    {                                                                                              \
        "format", "FORMAT", "table (default), csv or json", false                                  \
    }

/* .. of those that are about a part of the responses .. */
#define SCOPE_FILTERS                                                                              \
    {"service", "CODE", "only responses about this service; again for more", false},               \
        {"channel", "CODE", "only those given this way; again for more", false},                   \
        {"stakeholder", "CODE", "only those of this group; again for more", false},                \
        {"sex", "CODE", "only those of this sex", false},                                          \
        {"age", "BAND", "only those of this age; again for more", false},                          \
        {"education", "CODE", "only those with this education; again for more", false},            \
    {                                                                                              \
        "occupation", "CODE", "only those with this occupation; again for more", false             \
    }

/* .. and of those that have an index; the last one where it is of several offices. */
#define SCOPE_FIGURE                                                                               \
    {"perspective", "WHO", "recipient (default) or provider", false},                              \
    {                                                                                              \
        "method", "NAME", "exact (default), 0.11, 0.111 or 0.1111", false                          \
    }
#define SCOPE_MEAN                                                                                 \
    {                                                                                              \
        "mean-of-offices", NULL, "mean of the offices' indices, not of all respondents", false     \
    }

/* For the option `by` of a command: every axis, NULL at the end. */
extern const char *const scope_axes[];

struct scope {
    civil_day today;       /* of the profile's zone */
    struct layout_ask ask; /* for the heading; its strings live as long as the scope */
    ProtobufCBinaryData *office;
    size_t office_count;
    const char *instrument, *method; /* "": the standard one */
    Suara__V1__Filter *filter, **filter_list;
    size_t filter_count;
    bool profiled; /* a filter is about the respondent: sex, age, education, occupation */
};

/*
 * Reads what the command's table has. `axes`: what --by (at most twice) may name, NULL for a
 * command without --by or with a meaning of its own for it. -1: USAGE, a sentence that names the
 * nearest known word, or IO without memory; release in any case.
 */
int scope_read(const struct cmd_call *call, const struct profile *profile, const char *const *axes,
               struct scope *scope, struct error *err) __attribute__((warn_unused_result));
void scope_release(struct scope *scope);

/* Fill in a request, which must not outlive the scope. `spread` and `public` are the caller's. */
void scope_report(const struct scope *scope, Suara__V1__Report *report);
void scope_coverage(const struct scope *scope, Suara__V1__Coverage *coverage);
void scope_quality(const struct scope *scope, Suara__V1__Quality *quality);

#endif
