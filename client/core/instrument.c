#include "client/core/instrument.h"

#include "common/error.h"
#include "common/text.h"

/* PermenPANRB 14/2017, as in sql/0007_skm_2017.sql. Known by code, never by position: many forms
 * ask U9 before U8. */
#define LABELS(...) ((const char *const[]){__VA_ARGS__})

static const struct element skm_element[] = {
    {"U1", "Persyaratan", "Requirements",
     LABELS("Tidak sesuai", "Kurang sesuai", "Sesuai", "Sangat sesuai"),
     LABELS("Not suitable", "Less suitable", "Suitable", "Very suitable")},
    {"U2", "Sistem, Mekanisme, dan Prosedur", "System, mechanism and procedure",
     LABELS("Tidak mudah", "Kurang mudah", "Mudah", "Sangat mudah"),
     LABELS("Not easy", "Less easy", "Easy", "Very easy")},
    {"U3", "Waktu Penyelesaian", "Time to completion",
     LABELS("Tidak cepat", "Kurang cepat", "Cepat", "Sangat cepat"),
     LABELS("Not fast", "Less fast", "Fast", "Very fast")},
    {"U4", "Biaya/Tarif", "Cost", LABELS("Sangat mahal", "Cukup mahal", "Murah", "Gratis"),
     LABELS("Very expensive", "Rather expensive", "Cheap", "Free")},
    {"U5", "Produk Spesifikasi Jenis Pelayanan", "Product of the service",
     LABELS("Tidak sesuai", "Kurang sesuai", "Sesuai", "Sangat sesuai"),
     LABELS("Not suitable", "Less suitable", "Suitable", "Very suitable")},
    {"U6", "Kompetensi Pelaksana", "Competence of staff",
     LABELS("Tidak kompeten", "Kurang kompeten", "Kompeten", "Sangat kompeten"),
     LABELS("Not competent", "Less competent", "Competent", "Very competent")},
    {"U7", "Perilaku Pelaksana", "Conduct of staff",
     LABELS("Tidak sopan dan ramah", "Kurang sopan dan ramah", "Sopan dan ramah",
            "Sangat sopan dan ramah"),
     LABELS("Not polite and friendly", "Less polite and friendly", "Polite and friendly",
            "Very polite and friendly")},
    {"U8", "Penanganan Pengaduan, Saran dan Masukan",
     "Handling of complaints, suggestions and input",
     LABELS("Tidak ada", "Ada tetapi tidak berfungsi", "Berfungsi kurang maksimal",
            "Dikelola dengan baik"),
     LABELS("None", "There is, but it does not work", "Works, not at its best", "Well managed")},
    {"U9", "Sarana dan Prasarana", "Facilities", LABELS("Buruk", "Cukup", "Baik", "Sangat baik"),
     LABELS("Bad", "Fair", "Good", "Very good")},
};

static const char *const skm_column[] = {"u1", "u2", "u3", "u4", "u5", "u6", "u7", "u8", "u9"};

static const struct instrument instruments[] = {
    {
        .code = "skm-2017",
        .version = "2017",
        .name_id = "Survei Kepuasan Masyarakat",
        .name_en = "Public satisfaction survey",
        .scale = 4,
        .elements = sizeof skm_element / sizeof *skm_element,
        .element = skm_element,
        .column = skm_column,
        .method =
            {{"exact", 1, 9}, {"0.11", 11, 100}, {"0.111", 111, 1000}, {"0.1111", 1111, 10000}},
        .methods = 4,
        .bound = {{"A", "Sangat Baik", "Very good", 8831, 10000},
                  {"B", "Baik", "Good", 7661, 8830},
                  {"C", "Kurang Baik", "Less good", 6500, 7660},
                  {"D", "Tidak Baik", "Not good", 2500, 6499}},
        .bounds = 4,
    },
};

#define COUNT (sizeof instruments / sizeof *instruments)

const struct instrument *instrument_find(const char *code, struct error *err)
{
    if (!code)
        return &instruments[0];
    const char *codes[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        if (strcmp(instruments[i].code, code) == 0)
            return &instruments[i];
        codes[i] = instruments[i].code;
    }
    const char *near = text_nearest(code, codes, COUNT);
    error_set(err, ERROR_USAGE, "instrument", "there is no instrument %.64s; did you mean %s?",
              code, near ? near : codes[0]);
    return NULL;
}
