#include "client/core/publish_text.h"

#include "common/buf.h"
#include <string.h>

static const char *const text[PUBLISH_WORDS][PUBLISH_LANGUAGES] = {
#define PUBLISH_TEXT(name, id, en) {id, en},
    PUBLISH_TEXTS(PUBLISH_TEXT)
#undef PUBLISH_TEXT
};

static const char *const month[12][PUBLISH_LANGUAGES] = {
    {"Januari", "January"}, {"Februari", "February"}, {"Maret", "March"},
    {"April", "April"},     {"Mei", "May"},           {"Juni", "June"},
    {"Juli", "July"},       {"Agustus", "August"},    {"September", "September"},
    {"Oktober", "October"}, {"November", "November"}, {"Desember", "December"},
};

/* The lists of sql/0006_profile.sql; the daemon names its rows in one language only. */
static const struct {
    const char *axis, *code, *name[PUBLISH_LANGUAGES];
} code_list[] = {
    {"channel", "kiosk", {"Kios", "Kiosk"}},
    {"channel", "web", {"Web", "Web"}},
    {"channel", "paper", {"Kertas", "Paper"}},
    {"channel", "phone", {"Telepon", "Phone"}},
    {"channel", "forum", {"Forum", "Forum"}},
    {"stakeholder", "public", {"Masyarakat", "Public"}},
    {"stakeholder", "business", {"Pelaku usaha", "Business"}},
    {"stakeholder", "academia", {"Akademisi", "Academia"}},
    {"stakeholder", "government", {"Pemerintah", "Government"}},
    {"stakeholder", "ombudsman", {"Ombudsman", "Ombudsman"}},
    {"stakeholder", "community", {"Komunitas", "Community"}},
    {"stakeholder", "media", {"Media", "Media"}},
    {"sex", "L", {"Laki-laki", "Male"}},
    {"sex", "P", {"Perempuan", "Female"}},
    {"age", "<=20", {"Sampai 20 tahun", "Up to 20 years"}},
    {"age",
     "21-30",
     {"21\xe2\x80\x93"
      "30 tahun",
      "21\xe2\x80\x93"
      "30 years"}},
    {"age",
     "31-40",
     {"31\xe2\x80\x93"
      "40 tahun",
      "31\xe2\x80\x93"
      "40 years"}},
    {"age",
     "41-50",
     {"41\xe2\x80\x93"
      "50 tahun",
      "41\xe2\x80\x93"
      "50 years"}},
    {"age",
     "51-60",
     {"51\xe2\x80\x93"
      "60 tahun",
      "51\xe2\x80\x93"
      "60 years"}},
    {"age", ">60", {"Di atas 60 tahun", "Over 60 years"}},
    {"education", "SD", {"Sekolah dasar", "Primary school"}},
    {"education", "SMP", {"Sekolah menengah pertama", "Lower secondary school"}},
    {"education", "SMA", {"Sekolah menengah atas", "Upper secondary school"}},
    {"education",
     "D1-D3",
     {"Diploma 1\xe2\x80\x93"
      "3",
      "Diploma 1\xe2\x80\x93"
      "3"}},
    {"education", "D4/S1", {"Diploma 4 atau sarjana", "Diploma 4 or bachelor"}},
    {"education", "S2", {"Magister", "Master"}},
    {"education", "S3", {"Doktor", "Doctor"}},
    {"occupation", "PNS/ASN", {"Aparatur sipil negara", "Civil servant"}},
    {"occupation", "TNI", {"Tentara Nasional Indonesia", "Armed forces"}},
    {"occupation", "Polri", {"Kepolisian", "Police"}},
    {"occupation", "Swasta", {"Pegawai swasta", "Private employee"}},
    {"occupation", "Wirausaha", {"Wirausaha", "Self-employed"}},
    {"occupation", "Petani/Nelayan", {"Petani atau nelayan", "Farmer or fisher"}},
    {"occupation", "Pelajar/Mahasiswa", {"Pelajar atau mahasiswa", "Pupil or student"}},
    {"occupation", "Ibu Rumah Tangga", {"Ibu rumah tangga", "Housewife"}},
    {"occupation", "Pensiunan", {"Pensiunan", "Retired"}},
    {"occupation", "Lainnya", {"Lainnya", "Other"}},
};

const char *publish_text(enum publish_language language, enum publish_word word)
{
    return text[word][language];
}

void publish_say(struct buf *out, enum publish_language language, enum publish_word word,
                 const char *const *args, unsigned count)
{
    for (const char *at = text[word][language]; *at;) {
        const char *brace = strchr(at, '{');
        if (!brace) {
            buf_puts(out, at);
            return;
        }
        buf_add(out, at, (size_t)(brace - at));
        unsigned which = (unsigned)(brace[1] - '1');
        if (which < count)
            buf_puts(out, args[which]);
        at = brace + 3; /* "{1}" */
    }
}

const char *publish_month(enum publish_language language, unsigned number)
{
    return month[number >= 1 && number <= 12 ? number - 1 : 0][language];
}

const char *publish_code(enum publish_language language, const char *axis, const char *code)
{
    if (code[0] == '\0' && strcmp(axis, "service") != 0)
        return publish_text(language, PUBLISH_NOT_GIVEN_TEXT);
    for (size_t i = 0; i < sizeof code_list / sizeof *code_list; i++)
        if (strcmp(code_list[i].axis, axis) == 0 && strcmp(code_list[i].code, code) == 0)
            return code_list[i].name[language];
    return NULL;
}
