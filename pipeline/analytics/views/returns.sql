-- Of the shown cases of a month: to how many another case joined that is of one to six months later.
WITH numbered AS (
  SELECT case_no, repeats_case_no, month, standing, 12 * month[:4]::INTEGER + month[6:]::INTEGER AS month_count FROM work.cases
), returned AS (
  SELECT DISTINCT first.case_no FROM numbered first JOIN numbered later
    ON later.repeats_case_no = first.case_no AND later.standing = 'aangesloten'
    AND later.month_count - first.month_count BETWEEN 1 AND 6
)
SELECT c.month, count(*) AS case_count, count(r.case_no) AS returned_count,
  (count(r.case_no) / count(*))::DOUBLE AS returned_share,
  any_value(c.month_count + 6 < 12 * year(s.published_on) + month(s.published_on)) AS is_complete
FROM numbered c CROSS JOIN work.snapshot s LEFT JOIN returned r USING (case_no)
WHERE c.standing = 'getoond' GROUP BY c.month ORDER BY c.month
