/*
 * What published reports say, in Indonesian and English: one table. {1} .. {9} stand for what is
 * filled in.
 */
#ifndef SUARA_CLIENT_CORE_PUBLISH_TEXT_H
#define SUARA_CLIENT_CORE_PUBLISH_TEXT_H

struct buf;

enum publish_language { PUBLISH_ID, PUBLISH_EN, PUBLISH_LANGUAGES };

/* name, Indonesian, English */
#define PUBLISH_TEXTS(X)                                                                           \
    X(LANG, "id", "en")                                                                            \
    X(REPORT, "Laporan", "Report")                                                                 \
    X(CONTENTS, "Isi laporan", "Contents")                                                         \
    X(INDEX, "Indeks", "Index")                                                                    \
    X(GRADE, "Mutu", "Grade")                                                                      \
    X(QUALITY, "Kinerja", "Quality")                                                               \
    X(GRADE_IS, "Mutu pelayanan {1}", "Grade {1}")                                                 \
    X(RANGE, "Rentang", "Range")                                                                   \
    X(RESPONDENTS, "Responden", "Respondents")                                                     \
    X(INTERVAL, "Selang kepercayaan 95%", "95% interval")                                          \
    X(CHANGE, "Perubahan", "Change")                                                               \
    X(SHARE, "Persen", "Share")                                                                    \
    X(PERIOD, "Periode", "Period")                                                                 \
    X(NO_FIGURE, "tidak ada", "none")                                                              \
    X(SUMMARY, "Pada {1}, {2} responden menilai pelayanan {3}. Indeksnya {4}, mutu {5} ({6}).",    \
      "In the period {1}, {2} respondents rated the service of {3}. The index is {4}, grade {5} "  \
      "({6}).")                                                                                    \
    X(ROSE, " Itu naik {1} dari {2}", " That is {1} more than in {2}")                             \
    X(FELL, " Itu turun {1} dari {2}", " That is {1} less than in {2}")                            \
    X(SAME, " Itu sama dengan {2}.", " That is the same as in {2}.")                               \
    X(BEYOND, ", lebih dari yang dapat dijelaskan oleh kebetulan.",                                \
      ", more than chance explains.")                                                              \
    X(CHANCE, ", masih dalam batas kebetulan.", ", within what chance explains.")                  \
    X(STRENGTHS, " Unsur terkuat: {1}. Unsur yang paling perlu diperbaiki: {2}.",                  \
      " Strongest element: {1}. Most in need of improvement: {2}.")                                \
    X(FACTS, "Tentang survei ini", "About this survey")                                            \
    X(ORGANISER, "Penyelenggara", "Organiser")                                                     \
    X(INSTRUMENT, "Instrumen", "Instrument")                                                       \
    X(METHOD, "Metode", "Method")                                                                  \
    X(METHOD_IS,                                                                                   \
      "{1} unsur, skala 1 sampai {2}; bobot tiap unsur {3} (metode {4}). Indeks dihitung sekali "  \
      "dari jumlah seluruh nilai, dibulatkan ke dua desimal, lalu diberi mutu.",                   \
      "{1} elements on a scale of 1 to {2}; weight of each {3} (method {4}). The index is "        \
      "computed "                                                                                  \
      "once, from the sum of all ratings, rounded to two decimals, then graded.")                  \
    X(OFFICES, "{1} unit pelayanan, semua responden bersama",                                      \
      "{1} offices, all respondents together")                                                     \
    X(SAMPLE, "Sampel", "Sample")                                                                  \
    X(SAMPLE_ENOUGH, "{1} responden dari {2} orang yang dilayani; yang dibutuhkan {3}: terpenuhi", \
      "{1} respondents of {2} people served; {3} are needed: enough")                              \
    X(SAMPLE_SHORT,                                                                                \
      "{1} responden dari {2} orang yang dilayani; yang dibutuhkan {3}: belum terpenuhi",          \
      "{1} respondents of {2} people served; {3} are needed: not enough yet")                      \
    X(SAMPLE_UNKNOWN, "{1} responden; jumlah orang yang dilayani tidak tercatat",                  \
      "{1} respondents; the number of people served is not on record")                             \
    X(NEED, "Sampel yang dibutuhkan", "Sample needed")                                             \
    X(POPULATION, "Orang yang dilayani", "People served")                                          \
    X(LAST_COLLECTED, "Jawaban terakhir", "Last response")                                         \
    X(PLACE, "Cara dan tempat", "Way and place")                                                   \
    X(ELEMENTS, "Nilai per unsur", "Each element")                                                 \
    X(ELEMENT, "Unsur", "Element")                                                                 \
    X(ELEMENTS_CHART, "Nilai rata-rata (NRR) tiap unsur, skala 1 sampai {1}",                      \
      "Mean rating (NRR) of each element, scale of 1 to {1}")                                      \
    X(SUM, "Jumlah nilai", "Sum of ratings")                                                       \
    X(NRR, "NRR", "NRR")                                                                           \
    X(WEIGHTED, "NRR tertimbang", "Weighted NRR")                                                  \
    X(RANK, "Peringkat", "Rank")                                                                   \
    X(STRONGEST, "\xe2\x96\xb2 terkuat", "\xe2\x96\xb2 strongest")                                 \
    X(WEAKEST, "\xe2\x96\xbc terlemah", "\xe2\x96\xbc weakest")                                    \
    X(ELEMENTS_TABLE, "Pengolahan nilai per unsur", "Processing of the ratings")                   \
    X(SPREAD_TABLE, "Jumlah responden menurut nilai", "Number of respondents by rating")           \
    X(GAP_TABLE, "NRR menurut kedua pihak", "NRR as either side sees it")                          \
    X(SPREAD, "Sebaran jawaban", "How the answers spread")                                         \
    X(SPREAD_CHART, "Berapa responden memberi nilai 1 sampai {1}, tiap unsur",                     \
      "How many respondents gave 1 to {1}, each element")                                          \
    X(TREND, "Perkembangan", "Trend")                                                              \
    X(TREND_CHART, "Indeks dari periode ke periode", "The index from period to period")            \
    X(TREND_NOTE,                                                                                  \
      "Garis tegak: selang kepercayaan 95%. Garis putus-putus: batas bawah mutu. Sumbu tegak "     \
      "tidak mulai dari nol.",                                                                     \
      "Upright lines: 95% interval. Dashed lines: lower bounds of the grades. The upright axis "   \
      "does not begin at zero.")                                                                   \
    X(TREND_ONE, "Ini periode pertama yang memiliki jawaban.",                                     \
      "This is the first period that has responses.")                                              \
    X(BEYOND_MARK, "signifikan", "beyond chance")                                                  \
    X(CHANCE_MARK, "tidak signifikan", "within chance")                                            \
    X(PROFILE, "Profil responden", "Who answered")                                                 \
    X(HIDDEN, "Kelompok kecil (digabung)", "Small groups (together)")                              \
    X(HIDDEN_NOTE,                                                                                 \
      "Agar tidak seorang pun dapat dikenali, kelompok dengan kurang dari {1} responden "          \
      "digabung dan tidak dirinci.",                                                               \
      "So that nobody can be recognised, groups of fewer than {1} respondents are put together "   \
      "and not told apart.")                                                                       \
    X(HIDDEN_ALL, "Untuk periode ini kelompoknya terlalu kecil untuk dirinci.",                    \
      "In this period the groups are too small to be told apart.")                                 \
    X(UNTIL, "jawaban terakhir {1}", "last response {1}")                                          \
    X(LEFT_OUT, "{1} baris lagi tidak ditampilkan.", "{1} more rows are not shown.")               \
    X(PROFILE_CHART, "Responden menurut {1}", "Respondents by {1}")                                \
    X(SEX, "jenis kelamin", "sex")                                                                 \
    X(AGE, "usia", "age")                                                                          \
    X(EDUCATION, "pendidikan", "education")                                                        \
    X(OCCUPATION, "pekerjaan", "occupation")                                                       \
    X(SERVICE, "jenis layanan", "service")                                                         \
    X(STAKEHOLDER, "kelompok pemangku kepentingan", "stakeholder group")                           \
    X(CHANNEL, "saluran", "channel")                                                               \
    X(GROUP, "Kelompok", "Group")                                                                  \
    X(NOT_GIVEN, "Tidak diisi", "Not given")                                                       \
    X(GROUPS, "Layanan, pemangku kepentingan, dan saluran", "Services, stakeholders and channels") \
    X(GROUP_CAPTION, "Indeks menurut {1}", "Index by {1}")                                         \
    X(GAP, "Kesenjangan pandangan", "Two views and the gap")                                       \
    X(GAP_CHART, "Penilaian sendiri penyelenggara dan penilaian penerima layanan, tiap unsur",     \
      "The office's own assessment beside that of its recipients, each element")                   \
    X(GAP_AXIS, "Sumbu dimulai dari {1}.", "The axis begins at {1}.")                              \
    X(GAP_SAYS,                                                                                    \
      "{1} penilaian sendiri memberi indeks {2}; penerima layanan memberi {3}. Selisih positif "   \
      "berarti unit menilai dirinya lebih tinggi daripada masyarakat.",                            \
      "{1} self-assessments give an index of {2}; the recipients give {3}. A positive difference " \
      "means that the office sees itself better than the public does.")                            \
    X(GAP_WIDEST, "Selisih terbesar: {1} ({2}).", "The widest gap: {1} ({2}).")                    \
    X(GAP_NONE,                                                                                    \
      "Belum ada penilaian sendiri dari penyelenggara pada periode ini, sehingga kesenjangan "     \
      "dengan penilaian masyarakat tidak dapat ditunjukkan.",                                      \
      "There are no self-assessments by the provider in this period, so the gap to what the "      \
      "public says can't be shown.")                                                               \
    X(RECIPIENT, "Penerima layanan", "Recipients")                                                 \
    X(PROVIDER, "Penyelenggara", "Provider")                                                       \
    X(DIFFERENCE, "Selisih", "Difference")                                                         \
    X(MEANING, "Arti", "Meaning")                                                                  \
    X(PLAN, "Rencana tindak lanjut", "Follow-up plan")                                             \
    X(PLAN_CAPTION, "Kegiatan setelah {1}", "Activities after {1}")                                \
    X(LAST_CAPTION, "Kegiatan yang jatuh tempo sampai {1}", "Activities due by {1}")               \
    X(PLAN_NONE, "Belum ada rencana tindak lanjut yang dilampirkan.",                              \
      "No follow-up plan was attached.")                                                           \
    X(PLAN_EMPTY, "Tidak ada kegiatan yang dijadwalkan setelah periode ini.",                      \
      "No activity is scheduled after this period.")                                               \
    X(LAST_PLAN, "Pelaksanaan rencana sebelumnya", "How the last plan was carried out")            \
    X(LAST_NONE, "Tidak ada kegiatan yang jatuh tempo sampai akhir periode ini.",                  \
      "No activity was due by the end of this period.")                                            \
    X(LAST_DONE, "{1} dari {2} kegiatan selesai ({3}).", "{1} of {2} activities are done ({3}).")  \
    X(NUMBER, "No", "No")                                                                          \
    X(PRIORITY, "Prioritas unsur", "Priority element")                                             \
    X(ACTIVITY, "Program/kegiatan", "Programme/activity")                                          \
    X(WHEN, "Waktu", "Time")                                                                       \
    X(WHO, "Penanggung jawab", "Responsible")                                                      \
    X(STATE, "Status", "State")                                                                    \
    X(STATE_OPEN, "Belum mulai", "Not started")                                                    \
    X(STATE_RUNNING, "Berjalan", "Under way")                                                      \
    X(STATE_DONE, "Selesai", "Done")                                                               \
    X(STATE_DROPPED, "Batal", "Dropped")                                                           \
    X(QUESTIONS, "Kuesioner", "Questionnaire")                                                     \
    X(QUESTIONS_CAPTION, "Unsur dan pilihan jawaban {1}", "Elements and answers of {1}")           \
    X(BOUNDS_CAPTION, "Mutu menurut indeks", "Grades by index")                                    \
    X(SCROLL, "geser untuk melihat semua kolom", "scroll to see all columns")                      \
    X(MADE,                                                                                        \
      "Dibuat {1} dengan {2}. Semua angka dihitung dari jawaban yang tersimpan; tidak ada "        \
      "komentar responden di dalamnya.",                                                           \
      "Made on {1} with {2}. All figures are computed from the responses on record; it holds no "  \
      "comments of respondents.")                                                                  \
    X(NOTE, "Catatan", "Note")                                                                     \
    X(SHEET_SUMMARY, "Ringkasan", "Summary")                                                       \
    X(SHEET_PROCESSING, "Pengolahan", "Processing")                                                \
    X(SHEET_SPREAD, "Sebaran", "Distribution")                                                     \
    X(SHEET_PROFILE, "Profil", "Profile")                                                          \
    X(SHEET_TREND, "Perkembangan", "Trend")                                                        \
    X(SHEET_GAP, "Kesenjangan", "Gap")                                                             \
    X(SHEET_PLAN, "Rencana", "Plan")                                                               \
    X(KIND, "Rincian", "Breakdown")                                                                \
    X(LOWEST, "Batas bawah", "Lower bound")                                                        \
    X(HIGHEST, "Batas atas", "Upper bound")                                                        \
    X(TOTAL, "Jumlah", "Total")

enum publish_word {
#define PUBLISH_TEXT(name, id, en) PUBLISH_##name##_TEXT,
    PUBLISH_TEXTS(PUBLISH_TEXT)
#undef PUBLISH_TEXT
        PUBLISH_WORDS
};

/* The text itself, with its {1} .. */
const char *publish_text(enum publish_language language, enum publish_word word);

/* Appends it with the arguments filled in, as plain text. */
void publish_say(struct buf *out, enum publish_language language, enum publish_word word,
                 const char *const *args, unsigned count);

/* "Januari"; month 1..12. */
const char *publish_month(enum publish_language language, unsigned month);

/* A word of the profile's code lists, of an axis of the protocol ("sex", "age" ..): NULL: not
 * known, then it is shown as the daemon names it. */
const char *publish_code(enum publish_language language, const char *axis, const char *code);

#endif
