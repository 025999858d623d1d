SELECT strftime(attempted_on, '%Y-%m') AS month, contact_type, part_of_day, count(*) AS attempt_count,
  count(*) FILTER (is_reached) AS reached_count
FROM work.attempts GROUP BY ALL ORDER BY ALL
