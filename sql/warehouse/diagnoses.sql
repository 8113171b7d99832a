-- The diagnosis of each mass, known some days after it was measured.
-- Source: as measurements.sql. patient_id and diagnosed_at are made up.
CREATE TABLE diagnoses (
    patient_id BIGINT NOT NULL,
    diagnosed_at DATE NOT NULL,
    malignant BOOLEAN NOT NULL,
    PRIMARY KEY (patient_id, diagnosed_at)
);
