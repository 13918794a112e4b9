/*
 * What the client's commands say to people, in one place, so that Indonesian can follow. Formats of
 * printf; numbers of responses travel as uint64_t. A sentence is one line: whoever prints it adds
 * the newline and escapes what a terminal would obey.
 */
#ifndef SUARA_CLIENT_CORE_MESSAGE_H
#define SUARA_CLIENT_CORE_MESSAGE_H

#include <inttypes.h>

/* "1 response", "2 responses": every count in a sentence goes through these two. */
#define MSG_N          "%" PRIu64 " %s"
#define MSG_COUNTED(n) (uint64_t)(n), (n) == 1 ? "response" : "responses"
#define MSG_WAITING(n) (uint64_t)(n), (n) == 1 ? "response waits" : "responses wait"

/* ---- the command line ---------------------------------------------------------------------- */

#define MSG_NO_COMMAND     "no command given; `suara help` lists the commands"
#define MSG_UNKNOWN        "unknown command '%s'; `suara help` lists the commands"
#define MSG_UNKNOWN_NEAR   "unknown command '%s'; did you mean '%s'?"
#define MSG_GROUP          "'%s' needs one more word; `suara help %s` lists them"
#define MSG_OPTION         "'%s' has no option %s; `suara help %s` lists its options"
#define MSG_OPTION_NEAR    "'%s' has no option %s; did you mean --%s?"
#define MSG_GLOBAL         "unknown option %s; options of a command come after it"
#define MSG_OPTION_SEVERAL "%s stands for several options of '%s'; write it out"
#define MSG_OPTION_NEEDS   "option --%s needs a value"
#define MSG_OPTION_FLAG    "option --%s takes no value"
#define MSG_TOO_FEW        "%s needs %s%s; usage: suara %s"
#define MSG_TOO_MANY       "%s takes no '%s'; usage: suara %s"
#define MSG_CHOICE         "--%s can't be '%s'; it is one of: %s"
#define MSG_CHOICE_NEAR    "--%s can't be '%s'; did you mean '%s'? It is one of: %s"
#define MSG_DURATION       "--%s '%s' is no duration; write it as 500ms, 10s, 2m or 1h, at most 24h"
#define MSG_EMPTY          "--%s must not be empty"
#define MSG_FUTURE         "--%s '%s' is in the future; is this computer's clock right?"
#define MSG_SEQ            "'%s' is no number of an item; `suara outbox list` shows them"
#define MSG_TOGETHER       "--%s and --%s can't be given together"
#define MSG_MEMORY         "out of memory"
#define MSG_STDOUT         "could not write the output: %s"

/* ---- enrolling and the server -------------------------------------------------------------- */

#define MSG_ENROLLED     "Enrolled %s '%s' (profile %s) with %s."
#define MSG_ENROLL_WHERE "Office %s, time zone %s."
#define MSG_ENROLL_UNTIL "The certificate is valid until %s."
#define MSG_ENROLL_AWAY                                                                            \
    "The profile %s is saved, but the server has not confirmed it yet; run `suara --profile %s "   \
    "status` when the server can be reached"
#define MSG_ENROLL_REFUSED "The profile %s is saved, but the server does not accept it"
#define MSG_INCOMPLETE     "the server's answer ended before it was complete; nothing is shown"
#define MSG_UNEXPECTED     "the server sent an answer of another kind than asked for"
#define MSG_ZONE_AWAY                                                                              \
    "the server could not be asked for it (%s). Without it: `suara --profile %s enroll BUNDLE "    \
    "--replace --zone WIB` (or WITA, WIT)"
#define MSG_NOT_OFFICE "profile %s is of the role %s; only offices submit responses"

/* ---- checking and submitting --------------------------------------------------------------- */

#define MSG_CHECKED      "%s: " MSG_N ", all good."
#define MSG_CHECKED_NONE "%s has a header and no responses."
#define MSG_CHECKED_BAD  "%s: " MSG_N ", %" PRIu64 " good, %" PRIu64 " rejected."
#define MSG_SAVED        "Saved " MSG_N " of %s in the outbox."
#define MSG_SAVED_AGAIN                                                                            \
    "All " MSG_N " of %s are sent once more; what the server has already counts once."
#define MSG_SAVED_NONE   "Nothing of %s was saved: none of its " MSG_N " is good."
#define MSG_SAVED_NONE1  "Nothing of %s was saved: its only response is not good."
#define MSG_SAVED_HEADER "%s has a header and no responses; nothing to save."
#define MSG_SAVED_SKIP   "Skipped " MSG_N " that earlier files held already."
#define MSG_REJECTED                                                                               \
    MSG_N " of %s %s not good and %s not saved. Correct %s in %s, then: suara submit %s"
#define MSG_REJECTED_ROW "  line %.*s: %.*s %.*s"
#define MSG_REJECTED_LOST                                                                          \
    "Rejected " MSG_N " of %s, but their file could not be written. They were not saved; the "     \
    "others were. Mend that and submit the file again: nothing is counted twice."
#define MSG_REJECTED_MORE "  and %" PRIu64 " more"
#define MSG_KNOWN         "The same file was submitted before, on %s."
#define MSG_ASK                                                                                    \
    "%s: %" PRIu64 " of " MSG_N " repeat rows of files submitted before; nothing was saved"
#define MSG_ASK_HOW                                                                                \
    "Submit it again with --cumulative to skip those, or with --all if other people gave the "     \
    "same answers"
#define MSG_ASK_NOW "Skip those (c), save all (a), or save nothing (n)? "
#define MSG_SENT    "Sent: %" PRIu64 " stored, %" PRIu64 " duplicates, %" PRIu64 " rejected."
#define MSG_CONFLICT                                                                               \
    "the server has this response with other answers or another service; what it has stays"
#define MSG_SENT_ERASED                                                                            \
    MSG_N " %s erased from the server on request and %s not taken again. Delete them from your "   \
          "files, too."
#define MSG_SENT_NONE   "Nothing waits in the outbox."
#define MSG_WAIT        MSG_N " in the outbox and will be sent by the next `suara sync`"
#define MSG_SAVED_FRONT "Saved; "
#define MSG_WAIT_MEND                                                                              \
    MSG_N " and can be sent when the new bundle is enrolled (suara enroll BUNDLE --replace)"
#define MSG_STOPPED_FILE "Stopped; nothing of %s was saved"
#define MSG_STOPPED_SENT "Stopped; " MSG_N " in the outbox"
#define MSG_STOPPED      "Stopped"
#define MSG_BUSY         "another suara is sending this outbox at the moment"
#define MSG_REFUSED      "The server refused " MSG_N " (first: %s). "
#define MSG_REFUSED_FIX                                                                            \
    "Correct %s in %s and submit that file; or, when the reason is gone: suara outbox retry --all"
#define MSG_REFUSED_FIXES                                                                          \
    "Correct them in %s and %u more such files and submit those; or, when the reason is gone: "    \
    "suara outbox retry --all"
#define MSG_REFUSED_LOST                                                                           \
    "They are in the outbox (suara outbox list --state rejected), but not in a file: %s"
#define MSG_REFUSED_HELD "`suara outbox list --state rejected` says why."
#define MSG_NO_PROFILES  "there are no profiles; enrol with `suara enroll BUNDLE`"

/* ---- questionnaires ------------------------------------------------------------------------ */

#define MSG_INSTRUMENT_AWAY                                                                        \
    "the questionnaire %.64s is not on this computer yet and has to be asked for: %.300s"
#define MSG_INSTRUMENT_NO_SEND "%.300s; leave out --no-send once, so that it can be asked for"

/* ---- the outbox ---------------------------------------------------------------------------- */

#define MSG_NO_ITEM      "nothing in the outbox has the number %" PRId64
#define MSG_NO_REJECTED  "no rejected response has the number %" PRId64
#define MSG_RETRY        MSG_N " put back to waiting; `suara sync` sends them."
#define MSG_DROP         "Dropped " MSG_N "."
#define MSG_DROP_SURE    "Drop " MSG_N " for ever? (y/n) "
#define MSG_DROP_NOT     "nothing was dropped"
#define MSG_DROP_YES     "to drop without a terminal to ask at, add --yes"
#define MSG_SEQ_OR_ALL   "give either a number or --all"
#define MSG_OUTBOX_EMPTY "The outbox holds nothing that waits or was rejected."
#define MSG_MORE_ROWS    "and %" PRIu64 " more; --all shows them, --format csv or json gives all"
#define MSG_NO_ROWS      "There are none."

/* ---- status -------------------------------------------------------------------------------- */

#define MSG_CLOCK        "this computer's clock is %" PRId64 " %s %s: set it"
#define MSG_CERT_SOON    "ends in %" PRId64 " days: %s"
#define MSG_CERT_ENDED   "has ended: %s"
#define MSG_CERT_ASK     "ask for a new bundle"
#define MSG_CERT_TELL    "tell the server's administrator"
#define MSG_NOT_READY    "the server's database is away; it takes nothing at the moment"
#define MSG_HAS_REJECTED "`suara outbox list --state rejected` says why"

/* ---- reports ------------------------------------------------------------------------------- */

#define MSG_PERIOD       "--%s '%s' is no period; write 2023, 2023-S1, 2023-Q3, 2023-07 or 2023-07-13"
#define MSG_PERIOD_ORDER "--from %s is after --to %s"
#define MSG_ALL_NEEDS_BY "--perspective all needs --by perspective: the two are never added up"
#define MSG_SUBTREE_OF   "--subtree is about the offices named with --office: name one"
#define MSG_BY_MOST      "--by can be given twice, not more often"
#define MSG_BY_ONCE      "--by can be given once here"
#define MSG_GAP_BOTH     "--perspective needs --between stakeholder: else the gap is between the two"
#define MSG_NOT_GIVEN    "not given"
#define MSG_NOT_SHOWN    "not shown"
#define MSG_HIDDEN                                                                                 \
    "Not shown, here together: groups of fewer than %u, and those that such a group could be "     \
    "worked out from."
#define MSG_INDEX          "Satisfaction index (IKM)"
#define MSG_ELEMENTS       "Elements"
#define MSG_STRONGEST      "strongest"
#define MSG_WEAKEST        "weakest"
#define MSG_CHANGE_MARK    "* a change that chance alone does not explain (95 %)"
#define MSG_EMPTY_PERIODS  "No responses in: %s"
#define MSG_TREND_TITLE    "Trend of the satisfaction index (IKM)"
#define MSG_TREND_BARS     "%s  lowest %u.%02u, highest %u.%02u"
#define MSG_TREND          "From %s to %s the index %s by %s: %s."
#define MSG_TREND_SAME     "From %s to %s the index did not change."
#define MSG_TREND_ONE      "Only %s has responses: there is nothing to compare."
#define MSG_CHANCE_NOT     "more than chance explains (95 %)"
#define MSG_CHANCE_CAN     "no more than chance explains (95 %)"
#define MSG_CHANCE_UNKNOWN "too few responses to tell it from chance"
#define MSG_GAP_TITLE      "Gap between the office and the public"
#define MSG_GAP_GROUPS     "Gap between each group and the others"
#define MSG_GAP_N          "n = %" PRIu64 " %s, %" PRIu64 " %s"
#define MSG_GAP            "The %s rates %s%s%s %s higher than the %s does.%s"
#define MSG_GAP_GROUP      "The group '%s' rates %s%s%s %s %s than the others do.%s"
#define MSG_GAP_NONE       "There is no gap: all elements are rated alike."
#define MSG_GAP_CHANCE     " That is no more than chance explains (95 %)."
#define MSG_GAP_UNKNOWN    " There are too few responses to tell that from chance."
#define MSG_GAP_MARK       "* a gap that chance alone does not explain (95 %)"
#define MSG_GAP_MORE       "and %" PRIu64 " smaller ones; --format csv or json gives all"
#define MSG_GAP_ONE_GROUP  "All responses are of one group: there is nothing to compare."
#define MSG_GAP_NO_PROVIDER                                                                        \
    "There are no responses of providers, the office's own view: nothing to compare."
#define MSG_GAP_NO_RECIPIENT                                                                       \
    "There are no responses of recipients, those who are served: nothing to compare."
#define MSG_NO_RESPONSES   "no responses"
#define MSG_ELEMENTS_WIDE  "The means of the elements need a wider terminal, or --format csv."
#define MSG_ANSWER_TOO_BIG "the answer is too large to be shown; ask for fewer rows"
#define MSG_ANSWER_ODD     "the server's answer does not hold together; nothing is shown"

/* ---- published reports ---------------------------------------------------------------------- */

#define MSG_NO_METHOD     "the instrument %s has no method %s"
#define MSG_PUBLISH_NONE  "%s has no responses from %s; nothing was published"
#define MSG_PUBLISH_WHICH "a report is published of one office: name it with --office"
#define MSG_PUBLISH_FILE                                                                           \
    "--output '%s': its end says the format, so it must be .html, .xlsx or .json"
#define MSG_PUBLISH_NEEDS "where to? Name a file with -o: report.html, report.xlsx or report.json"
#define MSG_PUBLISH_PLACE "%s is no file that can be replaced; name another one"
#define MSG_PUBLISH_MOVES                                                                          \
    "responses of this period keep coming in, so the parts of the report differ; try again later"
#define MSG_PUBLISHED     "Published %s, %s: index %s, grade %s, n = %s, in %s."
#define MSG_WORKBOOK      "the workbook could not be written: %s"
#define MSG_PLAN_COLUMN   "%s has a column '%.*s' that plans do not have; did you mean %s?"
#define MSG_PLAN_LACKS    "%s has no column %s"
#define MSG_PLAN_ROW      "%s, line %" PRIu64 ": %s%s"
#define MSG_PLAN_TEXT     "a field is too long or is not text"
#define MSG_PLAN_ACTIVITY "nothing is given in the column "
#define MSG_PLAN_TIME     "the time is no quarter or other period; write it as "
#define MSG_PLAN_STATE    "the state is none of belum, berjalan, selesai, batal; did you mean "
#define MSG_PLAN_MANY     "%s has more than %u rows"

/* ---- coverage and quality ------------------------------------------------------------------ */

#define MSG_COVERAGE        "Coverage"
#define MSG_COVERAGE_SENT   "%zu of %zu %s sent responses of this period."
#define MSG_COVERAGE_NEVER  "Never sent anything"
#define MSG_COVERAGE_LATE   "Late, nothing received for over %u %s"
#define MSG_COVERAGE_SMALL  "Sample too small (%zu of %zu whose population is known)"
#define MSG_COVERAGE_ENOUGH "The sample is large enough in all %zu whose population is known."
#define MSG_COVERAGE_UNKNOWN                                                                       \
    "The population of this period is not known for %zu: an administrator notes it with `suara "   \
    "admin population add`."
#define MSG_LATE   "--late '%s' is no number of days from 1 to 3660"
#define MSG_PEOPLE "'%s' is no number of people; write it in digits, at most 1000000000000"
#define MSG_OF_PERIOD                                                                              \
    "'%s' is no period; write 2023, 2023-S1, 2023-Q3, 2023-07, 2023-07-13, or two of these with "  \
    ".. between them"
#define MSG_QUALITY     "Signs that answers were not given by the public"
#define MSG_QUALITY_FAR "%" PRIu64 " of %" PRIu64 " responses %s: %u.%02u %%, usual is %u.%02u %%."
#define MSG_QUALITY_SIGN                                                                           \
    "A sign is no proof. Look at how these answers were collected; none of them is left out of "   \
    "any figure."
#define MSG_QUALITY_FEW  "Too few offices with responses to tell what is usual."
#define MSG_QUALITY_NONE "No sign is far more frequent than usual."

/* ---- checks -------------------------------------------------------------------------------- */

#define MSG_VERIFYING MSG_N
#define MSG_VERIFIED                                                                               \
    "Compared %" PRIu64 " cells of the roll-ups with a recount of " MSG_N ": all are right."
#define MSG_VERIFIED_BAD                                                                           \
    "%" PRIu64 " of %" PRIu64 " cells of the roll-ups %s from a recount of " MSG_N                 \
    "; `suara admin rebuild` makes them again."
#define MSG_VERIFIED_MORE "and %" PRIu64 " more"
#define MSG_VERIFIED_NONE "There is nothing to compare: no responses."
#define MSG_VERIFIED_LEFT                                                                          \
    "%" PRIu64 " %s left out, because responses kept coming; run it again to compare %s"

/* ---- personal data ------------------------------------------------------------------------- */

#define MSG_ID                                                                                     \
    "'%.64s' is no id of a response: 36 characters, as 018a5c9e-7a10-8b3c-9d2e-1f4a6b7c8d9e"
#define MSG_ID_LINE                                                                                \
    "%s, line %u: '%s' is no id of a response (36 characters, one a line); nothing was erased"
#define MSG_CANT_READ      "%s can't be read: %s"
#define MSG_ERASE_NONE     "name the responses to erase: their ids behind the office, or --file FILE"
#define MSG_ERASE_YES      "to erase without a terminal to ask at, add --yes"
#define MSG_ERASE_SURE     "Erase " MSG_N " of %s for ever, comments and all? (y/n) "
#define MSG_ERASE_NOT      "nothing was erased"
#define MSG_ERASED         "Erased " MSG_N " of %s, with %" PRIu64 " %s."
#define MSG_ERASED_ALREADY "%" PRIu64 " %s erased before."
#define MSG_ERASED_UNKNOWN "%" PRIu64 " %s not held by the server, and will not be taken if %s."
#define MSG_ERASE_AGAIN    "not all of it is known to be erased: run it again, nothing is erased twice"
#define MSG_PURGE_WHAT     "say what to remove: --comments"
#define MSG_PURGE_WHEN     "say which: --before DATE, the first day to be kept"
#define MSG_DAY            "--%s '%s' is no day; write it as 2023-07-13"
#define MSG_PURGE_NONE     "There are no comments from before %s."
#define MSG_PURGE_WOULD    "%" PRIu64 " %s of %" PRIu64 " %s would go: those from before %s."
#define MSG_PURGE_YES      "Nothing was removed. To remove them for ever, add --yes."
#define MSG_PURGED         "Removed %" PRIu64 " %s of %" PRIu64 " %s: those from before %s."
#define MSG_PURGING        "%" PRIu64 " %s"

#define MSG_AUDITING "%" PRIu64 " entries"
#define MSG_AUDITED_COUNTS(end)                                                                    \
    (end)->entries, (end)->entries == 1 ? "entry" : "entries", (end)->chains,                      \
        (end)->chains == 1 ? "chain" : "chains"
#define MSG_AUDIT_GOOD   "Recomputed %" PRIu64 " %s of %" PRIu64 " %s: all are as they were written."
#define MSG_AUDIT_BAD    "Found %" PRIu64 " %s; recomputed %" PRIu64 " %s of %" PRIu64 " %s."
#define MSG_AUDIT_DIGEST "Digest over the ends of the chains: %s"
#define MSG_AUDIT_MORE   "there are more entries, older than these %zu: see --limit, --from and --to"
#define MSG_LIMIT        "'%s' is no number of entries; write it in digits, at most %lu"

#endif
