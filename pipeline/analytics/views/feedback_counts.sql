SELECT month, partner_type, code, count(*) AS feedback_count FROM work.feedback GROUP BY ALL ORDER BY ALL
