-- Days from the first signal only while the signals of the month are there: a case outlives them.
WITH known AS (SELECT DISTINCT period AS month FROM work.counts WHERE subject = 'signals' AND period_kind = 'month')
SELECT c.month, count(*) AS case_count,
  (median(c.first_revealed_on - c.first_signal_on) FILTER (k.month IS NOT NULL))::DOUBLE AS days_to_list,
  (median(c.days_to_contact) FILTER (k.month IS NOT NULL))::DOUBLE AS days_to_contact,
  (median(c.days_to_result) FILTER (k.month IS NOT NULL))::DOUBLE AS days_to_result
FROM work.cases c LEFT JOIN known k USING (month) WHERE c.standing = 'getoond' GROUP BY c.month ORDER BY c.month
