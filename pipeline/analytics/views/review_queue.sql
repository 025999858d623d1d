SELECT month, count(*) AS case_count, max((SELECT published_on FROM work.snapshot) - opened_on)::BIGINT AS oldest_days
FROM work.cases WHERE state = 'doubtful' GROUP BY month ORDER BY month
