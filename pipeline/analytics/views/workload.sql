SELECT t.team_id, count(c.case_no) AS open_case_count,
  count(c.case_no) FILTER (c.attempt_count = 0) AS untouched_case_count,
  count(c.case_no) FILTER (c.is_contact_due AND c.due_on < s.published_on) AS overdue_case_count,
  any_value(t.counsellor_count)::BIGINT AS counsellor_count, any_value(t.capacity_count)::BIGINT AS capacity_count,
  any_value(t.inhabitants)::BIGINT AS inhabitants,
  any_value(10000 * t.fte / nullif(t.inhabitants, 0))::DOUBLE AS fte_per_10000, 0.33::DOUBLE AS national_fte_per_10000
FROM work.teams t CROSS JOIN work.snapshot s
LEFT JOIN work.cases c ON c.team_id = t.team_id AND c.state IN ('revealed', 'in_progress') AND NOT c.is_retracted
GROUP BY t.team_id ORDER BY t.team_id
