/*
 * A published report made by hand: the figures of an invented office, with every part filled.
 */
#ifndef SUARA_TESTS_CLIENT_CORE_SAMPLE_H
#define SUARA_TESTS_CLIENT_CORE_SAMPLE_H

#include "client/core/publish.h"

static const char *const sample_label_id[] = {"Tidak sesuai", "Kurang sesuai", "Sesuai",
                                              "Sangat sesuai"};
static const char *const sample_label_en[] = {"Not suitable", "Less suitable", "Suitable",
                                              "Very suitable"};

static struct publish_element sample_elements[] = {
    {.code = "U1", .name = {"Persyaratan", "Requirements"}, .sum = 815},
    {.code = "U2", .name = {"Sistem, Mekanisme, dan Prosedur", "System, mechanism and procedure"}},
    {.code = "U3", .name = {"Waktu Penyelesaian", "Time to completion"}},
    {.code = "U4", .name = {"Biaya/Tarif", "Cost"}},
    {.code = "U5", .name = {"Produk Spesifikasi Jenis Pelayanan", "Product of the service"}},
    {.code = "U6", .name = {"Kompetensi Pelaksana", "Competence of staff"}},
    {.code = "U7", .name = {"Perilaku Pelaksana", "Conduct of staff"}},
    {.code = "U8",
     .name = {"Penanganan Pengaduan, Saran dan Masukan",
              "Handling of complaints, suggestions and input"}},
    {.code = "U9", .name = {"Sarana dan Prasarana", "Facilities"}},
};
/* How many of 217 gave 1, 2, 3 and 4. */
static const uint64_t sample_spread[9][4] = {
    {1, 3, 44, 169}, {0, 4, 41, 172}, {2, 9, 54, 152},  {0, 1, 20, 196}, {0, 3, 40, 174},
    {0, 2, 36, 179}, {0, 0, 25, 192}, {3, 12, 58, 144}, {1, 8, 47, 161},
};
/* Of 12 self-assessments. */
static const uint64_t sample_own[9] = {47, 46, 47, 48, 46, 48, 48, 45, 40};

static struct publish_bound sample_bounds[] = {
    {"A", {"Sangat Baik", "Very good"}, 8831, 10000},
    {"B", {"Baik", "Good"}, 7661, 8830},
    {"C", {"Kurang Baik", "Less good"}, 6500, 7660},
    {"D", {"Tidak Baik", "Not good"}, 2500, 6499},
};

static struct publish_figure sample_sex[] = {
    {.key = "L", .name = {"Laki-laki", "Male"}, .n = 92, .index = 9381, .grade = "A"},
    {.key = "P", .name = {"Perempuan", "Female"}, .n = 113, .index = 9420, .grade = "A"},
    {.key = "", .name = {"Tidak diisi", "Not given"}, .n = 12, .index = 9352, .grade = "A"},
};
static struct publish_figure sample_age[] = {
    {.key = "21-30", .name = {"21-30 tahun", "21-30 years"}, .n = 80, .index = 9311, .grade = "A"},
    {.key = "31-40", .name = {"31-40 tahun", "31-40 years"}, .n = 90, .index = 9444, .grade = "A"},
    {.key = "41-50", .name = {"41-50 tahun", "41-50 years"}, .n = 36, .index = 9500, .grade = "A"},
    {.key = "",
     .name = {"Kelompok kecil (digabung)", "Small groups (together)"},
     .n = 11,
     .hidden = true,
     .grade = ""},
};
static struct publish_figure sample_service[] = {
    {.key = "UJI", .name = {"Pengujian", "Pengujian"}, .n = 120, .index = 9311, .grade = "A"},
    {.key = "INFO",
     .name = {"Informasi dan Pengaduan", "Informasi dan Pengaduan"},
     .n = 97,
     .index = 8744,
     .grade = "B"},
};

static struct publish_item sample_items[] = {
    {.number = "1",
     .priority = "U8",
     .activity = "Kotak pengaduan daring dijawab dalam 5 hari kerja",
     .when = "2023-Q2",
     .who = "Ketua tim layanan",
     .state = PUBLISH_DONE,
     .last = true},
    {.number = "2",
     .priority = "U3",
     .activity = "Pemberitahuan hasil uji lewat surel",
     .when = "2023-Q2",
     .who = "Ketua tim pengujian",
     .state = PUBLISH_RUNNING,
     .last = true},
    {.number = "3",
     .priority = "U8, U9",
     .activity = "Loket tambahan pada hari Senin",
     .when = "2023-Q4",
     .who = "Kepala bagian umum",
     .state = PUBLISH_OPEN},
};

static inline void sample_trend(struct publication *p)
{
    static const struct publish_figure trend[] = {
        {.key = "2021",
         .name = {"2021", "2021"},
         .n = 400,
         .index = 9180,
         .low = 9104,
         .high = 9256,
         .grade = "A"},
        {.key = "2022",
         .name = {"2022", "2022"},
         .n = 400,
         .index = 9418,
         .low = 9350,
         .high = 9486,
         .grade = "A",
         .change_known = true,
         .change_beyond = true,
         .change = 238},
        {.key = "2023",
         .name = {"2023", "2023"},
         .n = 217,
         .index = 9400,
         .low = 9310,
         .high = 9490,
         .grade = "A",
         .change_known = true,
         .change = -18},
    };
    for (size_t i = 0; i < 3; i++)
        p->trend[i] = trend[i];
    p->trends = 3;
    p->total = trend[2];
}

static inline void sample_rows(struct publication *p)
{
    p->group[PUBLISH_SEX] = (struct publish_group){.row = sample_sex, .count = 3, .n = 217};
    p->group[PUBLISH_AGE] = (struct publish_group){.row = sample_age, .count = 4, .n = 217};
    p->group[PUBLISH_SERVICE] = (struct publish_group){.row = sample_service, .count = 2, .n = 217};
    for (size_t i = 0; i + 1 < sizeof sample_items / sizeof *sample_items; i++)
        sample_items[i].next = &sample_items[i + 1];
    p->item = &sample_items[0];
    p->plan_given = true;
}

/* Made anew at each call; a test changes what it is about. */
static inline void sample_publication(struct publication *p, enum publish_language language)
{
    publication_init(p);
    p->language = language;
    p->office = "BALAI-X";
    p->office_name = "Balai Contoh di Kota X";
    p->offices = 1;
    p->from = 20230101;
    p->to = 20230713;
    p->made = 20230720;
    p->program = "suara 0.0.0";
    p->instrument = "skm-2017";
    p->instrument_name[PUBLISH_ID] = "Survei Kepuasan Masyarakat";
    p->instrument_name[PUBLISH_EN] = "Public satisfaction survey";
    p->method = "exact";
    p->weight_num = 1;
    p->weight_den = 9;
    p->scale = 4;
    p->bound = sample_bounds;
    p->bounds = 4;
    p->element = sample_elements;
    p->elements = 9;
    p->small_cell = 5;
    p->provider_n = 12;
    p->provider = (struct publish_figure){.key = "provider", .n = 12, .index = 9606, .grade = "A"};
    p->population_known = true;
    p->population = 1000;
    p->need = 278;
    p->last_collected = 20230713;
    sample_trend(p);
    sample_rows(p);
    for (size_t i = 0; i < p->elements; i++) {
        struct publish_element *element = &p->element[i];
        element->label[PUBLISH_ID] = sample_label_id;
        element->label[PUBLISH_EN] = sample_label_en;
        element->spread = sample_spread[i];
        element->sum = 0;
        for (unsigned r = 0; r < 4; r++)
            element->sum += element->spread[r] * (r + 1);
        element->provider_sum = sample_own[i];
        element->gap = (int64_t)(sample_own[i] * 1000 / 12) - (int64_t)(element->sum * 1000 / 217);
        element->gap_beyond = i == 8;
    }
    publication_rank(p);
}

#endif
