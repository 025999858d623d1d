-- Single, multiple and consecutive, of cases that a team saw or that joined one.
WITH kinds AS (
  SELECT month, CASE WHEN standing = 'aangesloten' THEN 'opeenvolgend' WHEN partner_count >= 2 THEN 'meervoudig'
    ELSE 'enkelvoudig' END AS kind
  FROM work.cases WHERE standing IN ('getoond', 'aangesloten')
)
SELECT month, kind, count(*) AS case_count, (count(*) / sum(count(*)) OVER (PARTITION BY month))::DOUBLE AS case_share
FROM kinds GROUP BY month, kind ORDER BY month, kind
