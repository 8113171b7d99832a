-- One row per patient: the latest diagnosis that is known on :as_of, and the latest
-- measures of that day. Nothing that was learnt after :as_of is read.
WITH diagnosis AS (
    SELECT DISTINCT ON (patient_id)
        patient_id,
        diagnosed_at,
        malignant
    FROM diagnoses
    WHERE diagnosed_at <= :as_of
    ORDER BY patient_id, diagnosed_at DESC
),

measurement AS (
    SELECT DISTINCT ON (patient_id) *
    FROM measurements
    WHERE measured_at <= :as_of
    ORDER BY patient_id, measured_at DESC
)

SELECT
    diagnosis.patient_id,
    diagnosis.diagnosed_at,
    CAST(diagnosis.malignant AS INTEGER) AS malignant,
    measurement.mean_radius,
    measurement.mean_texture,
    measurement.mean_perimeter,
    measurement.mean_area,
    measurement.mean_smoothness,
    measurement.mean_compactness,
    measurement.mean_concavity,
    measurement.mean_concave_points,
    measurement.mean_symmetry,
    measurement.mean_fractal_dimension,
    measurement.radius_error,
    measurement.texture_error,
    measurement.perimeter_error,
    measurement.area_error,
    measurement.smoothness_error,
    measurement.compactness_error,
    measurement.concavity_error,
    measurement.concave_points_error,
    measurement.symmetry_error,
    measurement.fractal_dimension_error,
    measurement.worst_radius,
    measurement.worst_texture,
    measurement.worst_perimeter,
    measurement.worst_area,
    measurement.worst_smoothness,
    measurement.worst_compactness,
    measurement.worst_concavity,
    measurement.worst_concave_points,
    measurement.worst_symmetry,
    measurement.worst_fractal_dimension
FROM diagnosis
INNER JOIN measurement ON diagnosis.patient_id = measurement.patient_id
ORDER BY diagnosis.patient_id
