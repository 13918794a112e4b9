-- The instrument skm-2017: satisfaction survey of PermenPANRB 14/2017. An instrument is immutable
-- once used; another reading of the regulation is another instrument.

INSERT INTO suara.instrument (instrument_id, code, version, name_id, name_en, scale, weight_exact)
VALUES (1, 'skm-2017', '2017', 'Survei Kepuasan Masyarakat', 'Public satisfaction survey', 4,
        '1/9');

-- The regulation's 1/9, and the rounded weights of spreadsheets and statistics, which are kept to
-- reproduce what was published with them.
INSERT INTO suara.instrument_method (instrument_id, method, num, den) VALUES
    (1, 'exact', 1, 9),
    (1, '0.11', 11, 100),
    (1, '0.111', 111, 1000),
    (1, '0.1111', 1111, 10000);

INSERT INTO suara.element (instrument_id, position, code, name_id, name_en, labels_id, labels_en)
VALUES
    (1, 1, 'U1', 'Persyaratan', 'Requirements',
     ARRAY['Tidak sesuai', 'Kurang sesuai', 'Sesuai', 'Sangat sesuai'],
     ARRAY['Not suitable', 'Less suitable', 'Suitable', 'Very suitable']),
    (1, 2, 'U2', 'Sistem, Mekanisme, dan Prosedur', 'System, mechanism and procedure',
     ARRAY['Tidak mudah', 'Kurang mudah', 'Mudah', 'Sangat mudah'],
     ARRAY['Not easy', 'Less easy', 'Easy', 'Very easy']),
    (1, 3, 'U3', 'Waktu Penyelesaian', 'Time to completion',
     ARRAY['Tidak cepat', 'Kurang cepat', 'Cepat', 'Sangat cepat'],
     ARRAY['Not fast', 'Less fast', 'Fast', 'Very fast']),
    (1, 4, 'U4', 'Biaya/Tarif', 'Cost',
     ARRAY['Sangat mahal', 'Cukup mahal', 'Murah', 'Gratis'],
     ARRAY['Very expensive', 'Rather expensive', 'Cheap', 'Free']),
    (1, 5, 'U5', 'Produk Spesifikasi Jenis Pelayanan', 'Product of the service',
     ARRAY['Tidak sesuai', 'Kurang sesuai', 'Sesuai', 'Sangat sesuai'],
     ARRAY['Not suitable', 'Less suitable', 'Suitable', 'Very suitable']),
    (1, 6, 'U6', 'Kompetensi Pelaksana', 'Competence of staff',
     ARRAY['Tidak kompeten', 'Kurang kompeten', 'Kompeten', 'Sangat kompeten'],
     ARRAY['Not competent', 'Less competent', 'Competent', 'Very competent']),
    (1, 7, 'U7', 'Perilaku Pelaksana', 'Conduct of staff',
     ARRAY['Tidak sopan dan ramah', 'Kurang sopan dan ramah', 'Sopan dan ramah',
           'Sangat sopan dan ramah'],
     ARRAY['Not polite and friendly', 'Less polite and friendly', 'Polite and friendly',
           'Very polite and friendly']),
    (1, 8, 'U8', 'Penanganan Pengaduan, Saran dan Masukan',
     'Handling of complaints, suggestions and input',
     ARRAY['Tidak ada', 'Ada tetapi tidak berfungsi', 'Berfungsi kurang maksimal',
           'Dikelola dengan baik'],
     ARRAY['None', 'There is, but it does not work', 'Works, not at its best', 'Well managed']),
    (1, 9, 'U9', 'Sarana dan Prasarana', 'Facilities',
     ARRAY['Buruk', 'Cukup', 'Baik', 'Sangat baik'],
     ARRAY['Bad', 'Fair', 'Good', 'Very good']);

INSERT INTO suara.grade_bound (instrument_id, grade, quality_id, quality_en, low, high) VALUES
    (1, 'A', 'Sangat Baik', 'Very good', 8831, 10000),
    (1, 'B', 'Baik', 'Good', 7661, 8830),
    (1, 'C', 'Kurang Baik', 'Less good', 6500, 7660),
    (1, 'D', 'Tidak Baik', 'Not good', 2500, 6499);
