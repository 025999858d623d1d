SELECT month, count(*) AS case_count, median(first_revealed_on - first_signal_on)::DOUBLE AS days_to_list,
  median(days_to_contact)::DOUBLE AS days_to_contact, median(days_to_result)::DOUBLE AS days_to_result
FROM work.cases WHERE standing = 'getoond' GROUP BY month ORDER BY month
