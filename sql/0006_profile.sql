-- Code lists of the respondent's profile (numbers of dim: see suara.term). The numbers are stored
-- in responses: add to a list, never renumber it.

INSERT INTO suara.term (dim, term_id, code, name_id, name_en)
SELECT dim, 0, '', 'Tidak diisi', 'Not given' FROM unnest(ARRAY[2, 3, 5, 6, 7, 8]) dim;

INSERT INTO suara.term (dim, term_id, code, name_id, name_en) VALUES
    (2, 1, 'kiosk', 'Kios', 'Kiosk'),
    (2, 2, 'web', 'Web', 'Web'),
    (2, 3, 'paper', 'Kertas', 'Paper'),
    (2, 4, 'phone', 'Telepon', 'Phone'),
    (2, 5, 'forum', 'Forum', 'Forum'),

    (3, 1, 'public', 'Masyarakat', 'Public'),
    (3, 2, 'business', 'Pelaku usaha', 'Business'),
    (3, 3, 'academia', 'Akademisi', 'Academia'),
    (3, 4, 'government', 'Pemerintah', 'Government'),
    (3, 5, 'ombudsman', 'Ombudsman', 'Ombudsman'),
    (3, 6, 'community', 'Komunitas', 'Community'),
    (3, 7, 'media', 'Media', 'Media'),

    -- A response that names none is a recipient's: this list has no "not given".
    (4, 1, 'recipient', 'Penerima layanan', 'Recipient of the service'),
    (4, 2, 'provider', 'Penyelenggara layanan', 'Provider of the service'),

    (5, 1, 'L', 'Laki-laki', 'Male'),
    (5, 2, 'P', 'Perempuan', 'Female'),

    (6, 1, '<=20', 'Sampai 20 tahun', 'Up to 20 years'),
    (6, 2, '21-30', '21-30 tahun', '21-30 years'),
    (6, 3, '31-40', '31-40 tahun', '31-40 years'),
    (6, 4, '41-50', '41-50 tahun', '41-50 years'),
    (6, 5, '51-60', '51-60 tahun', '51-60 years'),
    (6, 6, '>60', 'Di atas 60 tahun', 'Over 60 years'),

    (7, 1, 'SD', 'Sekolah dasar', 'Primary school'),
    (7, 2, 'SMP', 'Sekolah menengah pertama', 'Lower secondary school'),
    (7, 3, 'SMA', 'Sekolah menengah atas', 'Upper secondary school'),
    (7, 4, 'D1-D3', 'Diploma 1-3', 'Diploma 1-3'),
    (7, 5, 'D4/S1', 'Diploma 4 atau sarjana', 'Diploma 4 or bachelor'),
    (7, 6, 'S2', 'Magister', 'Master'),
    (7, 7, 'S3', 'Doktor', 'Doctor'),

    (8, 1, 'PNS/ASN', 'Aparatur sipil negara', 'Civil servant'),
    (8, 2, 'TNI', 'Tentara Nasional Indonesia', 'Armed forces'),
    (8, 3, 'Polri', 'Kepolisian', 'Police'),
    (8, 4, 'Swasta', 'Pegawai swasta', 'Private employee'),
    (8, 5, 'Wirausaha', 'Wirausaha', 'Self-employed'),
    (8, 6, 'Petani/Nelayan', 'Petani atau nelayan', 'Farmer or fisher'),
    (8, 7, 'Pelajar/Mahasiswa', 'Pelajar atau mahasiswa', 'Pupil or student'),
    (8, 8, 'Ibu Rumah Tangga', 'Ibu rumah tangga', 'Housewife'),
    (8, 9, 'Pensiunan', 'Pensiunan', 'Retired'),
    (8, 10, 'Lainnya', 'Lainnya', 'Other');
